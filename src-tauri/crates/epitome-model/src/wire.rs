//! The TypeScript side of the shared types, generated from the Rust ones.

use ts_rs::{Config, TS};

macro_rules! declare {
    ($config:expr, $($name:ident),+ $(,)?) => {
        vec![$(format!("export {}\n", <$crate::$name as TS>::decl(&$config))),+].join("\n")
    };
}

/// Every wire type as TypeScript declarations.
pub fn typescript() -> String {
    let config = Config::default();
    declare!(
        config,
        BookId,
        SectionId,
        JobId,
        CallId,
        Format,
        BookMeta,
        Series,
        ChapterMethod,
        LeftOutReason,
        LeftOut,
        Coverage,
        CallKind,
        ChapterState,
        JobState,
        Wanted,
        Usage,
        ErrorCode,
        WireError,
        ProviderKind,
        ServerState,
        ModelInfo,
        ProviderStatus,
        PullProgress,
        Profile,
        ProviderChoice,
        Concurrency,
        Permit,
        Commit,
        BreakerRule,
        BreakerSettings,
        Fallback,
        JobSettings,
        SettingSource,
        SettingRow,
        Gauge,
        Remaining,
        HostState,
        HostVitals,
        Vitals,
        CellState,
        Cell,
        EventLevel,
        Event,
        JobHead,
        Board,
        BoardFrame,
        BookCard,
        Edit,
        Paragraph,
        SectionParagraphs,
        Kinship,
        Grown,
        AddAs,
        PreviewChapter,
        Estimate,
        AddPreview,
        PreviewOutcome,
        StartJob,
        ChapterRow,
        BookView,
        ChapterText,
        ExportFormat,
        Added,
        Exported,
        About,
        FeedMessage,
    )
}
