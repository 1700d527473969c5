//! Density of points as a heat map: a quartic kernel on a coarse grid of the screen, as GIS
//! programs draw it (Silverman 1986, eq. 4.5).

/// Points a cell of the grid is wide; the picture is smoothed when it is enlarged.
pub const CELL: f64 = 6.0;
/// Radius of the kernel, points.
pub const RADIUS: f64 = 42.0;

/// Densities of a screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Densities row by row from the top; 1 is a single point's middle.
    pub values: Vec<f32>,
    /// The greatest density.
    pub most: f32,
}

/// The density of points (on the screen, from its top left) with a weight each.
#[must_use]
pub fn density(size: [f64; 2], points: impl Iterator<Item = ([f64; 2], f32)>) -> Heat {
    let [width, height] = size.map(|s| (s / CELL).ceil().max(1.0) as usize);
    let mut values = vec![0f32; width * height];
    let reach = RADIUS / CELL;
    for (at, weight) in points {
        let [x, y] = at.map(|v| v / CELL - 0.5);
        if x < -reach || y < -reach || x > width as f64 + reach || y > height as f64 + reach {
            continue;
        }
        let span = |v: f64, most: usize| {
            let low = (v - reach).ceil().max(0.0) as usize;
            low..((v + reach).floor() as i64 + 1).clamp(0, most as i64) as usize
        };
        for row in span(y, height) {
            for column in span(x, width) {
                let far = ((column as f64 - x).powi(2) + (row as f64 - y).powi(2)) / reach.powi(2);
                if far < 1.0 {
                    values[row * width + column] += weight * (1.0 - far).powi(2) as f32;
                }
            }
        }
    }
    let most = values.iter().copied().fold(0.0, f32::max);
    Heat { width, height, values, most }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_point_is_a_round_hill() {
        let heat = density([300.0, 200.0], [([150.0, 99.0], 1.0)].into_iter());
        let at =
            |x: f64, y: f64| heat.values[(y / CELL) as usize * heat.width + (x / CELL) as usize];
        assert!((heat.most - 1.0).abs() < 0.02, "{}", heat.most);
        assert!(at(150.0, 99.0) > at(165.0, 99.0) && at(165.0, 99.0) > at(180.0, 99.0));
        let row = &heat.values[16 * heat.width..][..heat.width];
        assert!((0..8).all(|k| (row[24 - k] - row[25 + k]).abs() < 1e-5), "{row:?}");
        assert_eq!(at(150.0 + RADIUS + CELL, 99.0), 0.0);
    }

    #[test]
    fn points_add_up_and_none_is_lost_at_the_edge() {
        let one = density([120.0, 120.0], [([0.0, 60.0], 1.0)].into_iter());
        let two = density([120.0, 120.0], [([0.0, 60.0], 1.0); 2].into_iter());
        assert!(one.most > 0.9);
        assert!(one.values.iter().zip(&two.values).all(|(a, b)| (2.0 * a - b).abs() < 1e-5));
        let none = density([0.0, 0.0], [([1e9, f64::NAN], 1.0)].into_iter());
        assert_eq!(none.most, 0.0);
    }
}
