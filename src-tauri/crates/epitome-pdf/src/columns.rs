//! Columns: which pieces of text on a page are read together, and in which order. For the engines, which would put
//! pieces on one height but in different columns into one line.

/// A piece of text on a page, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    pub left: f32,
    pub right: f32,
    pub base: f32,
    pub size: f32,
}

/// Gap between two pieces on one height, in sizes of the type, from which on they may stand in different columns; the
/// words of a justified line stand closer.
const GUTTER: f32 = 0.75;
/// The same where other lines already show the columns.
const KNOWN_GUTTER: f32 = 0.4;
/// Fewest lines on each side of a gutter.
const LINES: usize = 4;
/// Least width of a column, in sizes of the type; narrower ones belong to a table.
const WIDTH: f32 = 10.0;
/// Least width of a column's average line, in sizes of the type.
const AVERAGE: f32 = 6.0;
/// How often columns are divided into columns.
const DEPTH: usize = 3;
/// More pieces on one page than this are not sorted into columns.
const PIECES: usize = 50_000;
/// Gutters that are tried.
const TRIES: usize = 32;

/// Indices of `pieces` in groups that are read one after the other; inside a group the order is from top to bottom.
pub fn groups(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    if pieces.len() > PIECES {
        return vec![order];
    }
    order.sort_by(|a, b| {
        let (a, b) = (&pieces[*a], &pieces[*b]);
        b.base.total_cmp(&a.base).then(a.left.total_cmp(&b.left))
    });
    let mut groups = Vec::new();
    split(pieces, runs(pieces, &order), DEPTH, &mut groups);
    groups
}

/// Pieces on one height without a gap that could be a gutter.
#[derive(Clone, Debug)]
struct Run {
    left: f32,
    right: f32,
    size: f32,
    pieces: Vec<usize>,
}

impl Run {
    fn of(piece: Piece, at: usize) -> Self {
        Self { left: piece.left, right: piece.right, size: piece.size, pieces: vec![at] }
    }

    fn crosses(&self, gutter: f32) -> bool {
        self.left < gutter && self.right > gutter
    }

    fn add(&mut self, piece: Piece, at: usize) {
        self.left = self.left.min(piece.left);
        self.right = self.right.max(piece.right);
        self.size = self.size.max(piece.size);
        self.pieces.push(at);
    }

    /// The parts left and right of `gutter`, if no piece crosses it and there is room between them.
    fn parted(&self, pieces: &[Piece], gutter: f32) -> Option<[Self; 2]> {
        let left = self.pieces.iter().take_while(|at| pieces[**at].right <= gutter).count();
        let (left, right) = self.pieces.split_at(left);
        let gathered = |part: &[usize]| {
            let mut run = Self::of(pieces[*part.first()?], part[0]);
            part[1..].iter().for_each(|at| run.add(pieces[*at], *at));
            Some(run)
        };
        let (left, right) = (gathered(left)?, gathered(right)?);
        (right.left >= gutter && right.left - left.right >= KNOWN_GUTTER * self.size).then_some([left, right])
    }
}

/// The runs of the pieces that `order` names from top to bottom.
fn runs(pieces: &[Piece], order: &[usize]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let same_row = |a: &usize, b: &usize| {
        let (a, b) = (&pieces[*a], &pieces[*b]);
        (a.base - b.base).abs() <= 0.3 * a.size.min(b.size)
    };
    for row in order.chunk_by(same_row) {
        let mut row = row.to_vec();
        row.sort_by(|a, b| pieces[*a].left.total_cmp(&pieces[*b].left));
        let first = runs.len();
        for at in row {
            let piece = pieces[at];
            let open = runs.len() > first;
            let near = |run: &&mut Run| open && piece.left - run.right < GUTTER * run.size.max(piece.size);
            match runs.last_mut().filter(near) {
                Some(run) => run.add(piece, at),
                None => runs.push(Run::of(piece, at)),
            }
        }
    }
    runs
}

/// Adds the groups of `runs`, which are in order from top to bottom.
fn split(pieces: &[Piece], runs: Vec<Run>, depth: usize, groups: &mut Vec<Vec<usize>>) {
    let gutter = if depth == 0 { None } else { gutter(&runs) };
    let mut plain: Vec<usize> = Vec::new();
    let Some(gutter) = gutter else {
        plain.extend(runs.into_iter().flat_map(|run| run.pieces));
        groups.extend(Some(plain).filter(|plain| !plain.is_empty()));
        return;
    };
    let parted = |run: Run| match run.crosses(gutter).then(|| run.parted(pieces, gutter)).flatten() {
        Some(parts) => parts.to_vec(),
        None => vec![run],
    };
    let runs: Vec<Run> = runs.into_iter().flat_map(parted).collect();
    for band in runs.chunk_by(|a, b| a.crosses(gutter) == b.crosses(gutter)) {
        if !is_columns(band, gutter) {
            plain.extend(band.iter().flat_map(|run| run.pieces.iter().copied()));
            continue;
        }
        if !plain.is_empty() {
            groups.push(std::mem::take(&mut plain));
        }
        let (left, right): (Vec<Run>, Vec<Run>) = band.iter().cloned().partition(|run| run.right <= gutter);
        split(pieces, left, depth - 1, groups);
        split(pieces, right, depth - 1, groups);
    }
    groups.extend(Some(plain).filter(|plain| !plain.is_empty()));
}

/// Where most lines stand left and right of: just left of an edge at which many lines begin.
fn gutter(runs: &[Run]) -> Option<f32> {
    let mut lefts: Vec<f32> = runs.iter().map(|run| run.left).collect();
    lefts.sort_by(f32::total_cmp);
    let mut common: Vec<(usize, f32)> = lefts
        .chunk_by(|a, b| b - a < 1.0)
        .filter(|edge| edge.len() >= LINES)
        .map(|edge| (edge.len(), edge[0]))
        .collect();
    common.sort_by_key(|(lines, _)| std::cmp::Reverse(*lines));
    let in_columns = |edge: f32| {
        let gutter = edge - 0.5;
        let bands = runs.chunk_by(|a, b| a.crosses(gutter) == b.crosses(gutter));
        (bands.filter(|band| is_columns(band, gutter)).map(<[Run]>::len).sum::<usize>(), gutter)
    };
    let best = common.into_iter().take(TRIES).map(|(_, edge)| in_columns(edge)).max_by_key(|(lines, _)| *lines)?;
    (best.0 > 0).then_some(best.1)
}

/// Whether the runs, none of which crosses `gutter`, are text in columns left and right of it.
fn is_columns(band: &[Run], gutter: f32) -> bool {
    let column = |side: &mut dyn Iterator<Item = &Run>| {
        let runs: Vec<&Run> = side.collect();
        let left = runs.iter().map(|run| run.left).fold(f32::MAX, f32::min);
        let right = runs.iter().map(|run| run.right).fold(f32::MIN, f32::max);
        let size = runs.iter().map(|run| run.size).sum::<f32>() / runs.len().max(1) as f32;
        let average = runs.iter().map(|run| run.right - run.left).sum::<f32>() / runs.len().max(1) as f32;
        runs.len() >= LINES && right - left >= WIDTH * size && average >= AVERAGE * size
    };
    !band.iter().any(|run| run.crosses(gutter))
        && column(&mut band.iter().filter(|run| run.right <= gutter))
        && column(&mut band.iter().filter(|run| run.right > gutter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a page as pieces: left edge, right edge, height.
    fn read(lines: &[(f32, f32, f32)]) -> Vec<Vec<usize>> {
        let piece = |&(left, right, base): &(f32, f32, f32)| Piece { left, right, base, size: 10.0 };
        groups(&lines.iter().map(piece).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_read_one_after_the_other_and_titles_stay_above_them() {
        let mut lines = vec![(100.0, 500.0, 800.0)];
        for row in 0_u8..5 {
            let base = 780.0 - f32::from(row) * 12.0;
            lines.extend([(72.0, 300.0, base), (310.0, 539.0, base - 3.0)]);
        }
        lines.push((290.0, 320.0, 700.0));
        assert_eq!(read(&lines), [vec![0], vec![1, 3, 5, 7, 9], vec![2, 4, 6, 8, 10], vec![11]]);
    }

    #[test]
    fn a_table_with_narrow_cells_is_read_by_rows() {
        let rows = (0_u8..6).flat_map(|row| {
            let base = 700.0 - f32::from(row) * 12.0;
            [(72.0, 130.0, base), (150.0, 400.0, base)]
        });
        assert_eq!(read(&rows.collect::<Vec<_>>()), [(0..12).collect::<Vec<_>>()]);
    }
}
