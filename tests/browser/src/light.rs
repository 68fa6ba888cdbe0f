//! Where a screenshot is light and where it is dark, to be compared with another.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::Browser;

/// Pixels of a cell, each way: more than a line of text has, so that letters of another font are as grey.
const CELL: u64 = 25;

/// Measures `png`, a screenshot in base64, cell by cell.
const MEASURE: &str = "
    const image = new Image();
    image.onload = () => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const [columns, rows] = [Math.floor(image.width / cell), Math.floor(image.height / cell)];
        const cells = [];
        for (let y = 0; y < rows; y++) {
            for (let x = 0; x < columns; x++) {
                const { data } = context.getImageData(x * cell, y * cell, cell, cell);
                let sum = 0;
                for (let i = 0; i < data.length; i += 4) {
                    sum += 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
                }
                cells.push(sum / (cell * cell));
            }
        }
        done({ columns, cells });
    };
    image.onerror = () => done(null);
    image.src = 'data:image/png;base64,' + png;";

/// The brightness of a picture, from 0 to 255, in cells of 25 by 25 pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Light {
    columns: usize,
    cells: Vec<f64>,
}

impl Light {
    /// How far two pictures are apart: the root of the mean square of the differences of their cells; nothing of
    /// pictures of different sizes.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        if (self.columns, self.cells.len()) != (other.columns, other.cells.len()) {
            return None;
        }
        let pairs = self.cells.iter().zip(&other.cells);
        let squares: f64 = pairs.map(|(a, b)| (a - b).powi(2)).sum();
        Some((squares / self.cells.len() as f64).sqrt())
    }
}

impl Browser {
    /// Measures a PNG. The browser reads it, on whichever page it is.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub fn light(&self, png: &[u8]) -> Light {
        let png = BASE64_STANDARD.encode(png);
        let measured = self.run(&format!("const cell = {CELL}, png = '{png}'; {MEASURE}"));
        let cells = measured["cells"].as_array().expect("a picture");
        let number = |value: &Value| value.as_f64().expect("a number");
        Light {
            columns: number(&measured["columns"]) as usize,
            cells: cells.iter().map(number).collect(),
        }
    }

    /// What is seen of the page, as PNG.
    pub fn png(&self) -> Vec<u8> {
        let data = self.captured();
        BASE64_STANDARD.decode(data).expect("base64")
    }
}
