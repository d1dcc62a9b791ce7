CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    language TEXT,
    format TEXT NOT NULL,
    method TEXT NOT NULL,
    file_name TEXT NOT NULL,
    source_hash TEXT NOT NULL UNIQUE,
    source_chars INTEGER NOT NULL,
    cover_type TEXT,
    cover BLOB,
    added_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE section (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    position INTEGER NOT NULL,
    number INTEGER,
    title TEXT NOT NULL,
    part TEXT,
    chars INTEGER NOT NULL,
    left_out TEXT,
    text TEXT NOT NULL,
    UNIQUE (book_id, position)
) STRICT;
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    settings TEXT NOT NULL,
    state TEXT NOT NULL,
    wanted TEXT NOT NULL,
    reason TEXT,
    scope TEXT,
    generation INTEGER NOT NULL,
    window INTEGER,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    finished_ms INTEGER
) STRICT;
CREATE INDEX job_book ON job (book_id, id);
CREATE TABLE job_chapter (
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    section_id INTEGER NOT NULL REFERENCES section ON DELETE CASCADE,
    state TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    done INTEGER NOT NULL,
    piece_chars INTEGER,
    error TEXT,
    PRIMARY KEY (job_id, section_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_chapter_section ON job_chapter (section_id, job_id);
CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    chapter INTEGER,
    kind TEXT NOT NULL,
    place INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    output TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    load_ms INTEGER NOT NULL,
    prompt_ms INTEGER NOT NULL,
    output_ms INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    finished_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX call_job ON call (job_id);
CREATE TABLE summary (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    section_id INTEGER REFERENCES section ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    title TEXT NOT NULL,
    preview TEXT NOT NULL,
    text TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    written_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX summary_section ON summary (section_id, id);
CREATE INDEX summary_book ON summary (book_id, section_id, id);
CREATE INDEX summary_job ON summary (job_id, section_id);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    section_id INTEGER REFERENCES section ON DELETE CASCADE
) STRICT;
CREATE INDEX event_job ON event (job_id, id);
CREATE INDEX event_section ON event (section_id);
CREATE TABLE live (
    job_id INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    vitals TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE speed (
    host TEXT NOT NULL,
    model TEXT NOT NULL,
    window INTEGER NOT NULL,
    prompt_tps REAL NOT NULL,
    output_tps REAL NOT NULL,
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (host, model, window)
) STRICT, WITHOUT ROWID;
