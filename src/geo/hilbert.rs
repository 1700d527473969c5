//! Hilbert's curve: an order in which what lies together stands together.

/// Position along a Hilbert curve of order 16 of a cell of a 65,536 × 65,536 square (Warren,
/// *Hacker's Delight*, 16-3).
#[must_use]
pub fn position(x: u32, y: u32) -> u32 {
    let (mut x, mut y, mut d) = (x & 0xFFFF, y & 0xFFFF, 0u32);
    let mut side = 1u32 << 15;
    while side > 0 {
        let (rx, ry) = (u32::from(x & side > 0), u32::from(y & side > 0));
        d = d.wrapping_add(side.wrapping_mul(side).wrapping_mul((3 * rx) ^ ry));
        if ry == 0 {
            if rx == 1 {
                x = 0xFFFF - x;
                y = 0xFFFF - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_the_square() {
        const SIDE: u32 = 64;
        let mut cells: Vec<(u32, u32, u32)> =
            (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (position(x, y), x, y))).collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            assert_eq!(pair[1].1.abs_diff(pair[0].1) + pair[1].2.abs_diff(pair[0].2), 1);
        }
        assert_eq!(cells[0].0, 0);
    }
}
