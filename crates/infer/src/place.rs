//! Places in a buffer for tensors that live for a while: where one is read no more, another begins.

use alloc::vec::Vec;
use core::ops::Range;

/// A tensor that needs a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenant {
    /// Elements.
    pub len: usize,
    /// First and last step in which it is used.
    pub life: [usize; 2],
}

impl Tenant {
    fn meets(&self, other: &Self) -> bool {
        self.life[0] <= other.life[1] && other.life[0] <= self.life[1]
    }
}

/// Gives each tenant its range, and says how long the buffer is; starts are multiples of `align`.
///
/// A tenant goes to the first gap that is wide enough between those that live while it does, in the
/// order in which they come. `None` past the address range.
pub fn place(tenants: &[Tenant], align: usize) -> Option<(Vec<Range<usize>>, usize)> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    for (at, tenant) in tenants.iter().enumerate() {
        let before = tenants[..at].iter().zip(&places);
        let mut taken: Vec<_> = before
            .filter(|(other, _)| other.meets(tenant))
            .map(|(_, place)| place.clone())
            .collect();
        taken.sort_by_key(|place| place.start);
        let mut start = 0;
        for place in taken {
            if place.start >= start && place.start - start >= tenant.len {
                break;
            }
            start = start.max(place.end.checked_next_multiple_of(align)?);
        }
        let place = start..start.checked_add(tenant.len)?;
        end = end.max(place.end);
        places.push(place);
    }
    Some((places, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_chain_needs_two_places() {
        let chain = |at: usize| Tenant {
            len: 8,
            life: [at, at + 1],
        };
        let tenants: Vec<_> = (0..9).map(chain).collect();
        let (places, end) = place(&tenants, 8).unwrap();
        assert_eq!(
            (places[0].clone(), places[1].clone(), end),
            (0..8, 8..16, 16)
        );
    }

    #[test]
    fn what_no_address_reaches_is_refused() {
        let huge = Tenant {
            len: usize::MAX - 3,
            life: [0, 1],
        };
        assert_eq!(place(&[huge, huge], 1), None);
    }

    proptest! {
        #[test]
        fn none_that_live_together_share_a_place(
            tenants in prop::collection::vec((0usize..50, 0usize..9, 0usize..5), 1..20),
            align in 1usize..9,
        ) {
            let tenants: Vec<_> = tenants
                .into_iter()
                .map(|(len, from, long)| Tenant { len, life: [from, from + long] })
                .collect();
            let (places, end) = place(&tenants, align).unwrap();
            for (at, (tenant, range)) in tenants.iter().zip(&places).enumerate() {
                prop_assert_eq!((range.len(), range.start % align), (tenant.len, 0));
                prop_assert!(range.end <= end);
                for (other, taken) in tenants[..at].iter().zip(&places) {
                    let apart = range.end <= taken.start || taken.end <= range.start;
                    let is_empty = range.is_empty() || taken.is_empty();
                    prop_assert!(apart || is_empty || !tenant.meets(other));
                }
            }
        }
    }
}
