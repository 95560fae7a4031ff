//! What of lines and surfaces lies in the unit square, from 0 to 1 on both axes.

/// A place on both axes.
type Place = [f64; 2];

/// A place in the square, the border included.
pub(crate) fn holds(place: Place) -> bool {
    place.iter().all(|at| (0.0..=1.0).contains(at))
}

/// The pieces of a line through `places` that lie in the square.
pub(crate) fn line(places: &[Place]) -> Vec<Vec<Place>> {
    let mut pieces: Vec<Vec<Place>> = Vec::new();
    for ends in places.windows(2) {
        let Some([from, to]) = segment(ends[0], ends[1]) else {
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a straight line in the square: between the last entry and the first exit of its
/// ways over either axis.
fn segment(from: Place, to: Place) -> Option<[Place; 2]> {
    let (mut enters, mut leaves) = (0.0, 1.0);
    for (a, b) in from.into_iter().zip(to) {
        if a == b {
            if !(0.0..=1.0).contains(&a) {
                return None;
            }
            continue;
        }
        let ways = [-a / (b - a), (1.0 - a) / (b - a)];
        enters = ways[0].min(ways[1]).max(enters);
        leaves = ways[0].max(ways[1]).min(leaves);
    }
    // Ends that lie inside stay what they are, to the bit: the next piece begins there.
    let at = |way: f64| match way {
        0.0 => from,
        1.0 => to,
        _ => [0, 1].map(|axis| (from[axis] + way * (to[axis] - from[axis])).clamp(0.0, 1.0)),
    };
    (enters <= leaves).then(|| [at(enters), at(leaves)])
}

/// The part of a surface in the square, cut at one side after the other.
pub(crate) fn surface(corners: &[Place]) -> Vec<Place> {
    let mut corners = corners.to_vec();
    for (axis, side, sign) in [(0, 0.0, 1.0), (0, 1.0, -1.0), (1, 0.0, 1.0), (1, 1.0, -1.0)] {
        let inside = |corner: &Place| (corner[axis] - side) * sign >= 0.0;
        let before = corners.iter().cycle().skip(corners.len().saturating_sub(1));
        let mut kept = Vec::new();
        for (from, to) in before.zip(&corners) {
            if inside(from) != inside(to) {
                let way = (side - from[axis]) / (to[axis] - from[axis]);
                let mut cut = [0, 1].map(|at| from[at] + way * (to[at] - from[at]));
                cut[axis] = side;
                kept.push(cut);
            }
            if inside(to) {
                kept.push(*to);
            }
        }
        corners = kept;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_it_leaves_and_enters() {
        let inside = [[0.1, 0.2], [0.5, 1.0], [0.9, 0.0]];
        assert_eq!(line(&inside), [inside.to_vec()]);
        let peak = [[0.0, 0.5], [0.5, 1.5], [1.0, 0.5]];
        assert_eq!(
            line(&peak),
            [[[0.0, 0.5], [0.25, 1.0]], [[0.75, 1.0], [1.0, 0.5]]]
        );
        assert_eq!(
            line(&[[-1.0, -1.0], [2.0, 2.0]]),
            [[[0.0, 0.0], [1.0, 1.0]]]
        );
        for outside in [[[-1.0, 0.5], [0.5, 2.5]], [[1.5, 0.0], [1.5, 1.0]]] {
            assert!(line(&outside).is_empty(), "{outside:?}");
        }
        assert!(line(&[[0.5, 0.5]]).is_empty());
    }

    #[test]
    fn a_surface_is_cut_at_every_side() {
        let inside = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]];
        assert_eq!(surface(&inside), inside);
        let around = [[-1.0, -1.0], [2.0, -1.0], [2.0, 2.0], [-1.0, 2.0]];
        let mut corners = surface(&around);
        corners.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        assert_eq!(corners, [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
        let beyond = [[2.0, 2.0], [3.0, 2.0], [2.0, 3.0]];
        assert!(surface(&beyond).is_empty());
        assert!(surface(&[]).is_empty());
    }

    #[test]
    fn huge_places_are_cut_to_numbers() {
        let huge = [
            [-1e190, 1e190],
            [1e190, -3e180],
            [0.5, 0.5],
            [1e200, 1e-200],
        ];
        let cut = line(&huge).concat().into_iter().chain(surface(&huge));
        for place in cut {
            assert!(holds(place), "{place:?}");
        }
    }
}
