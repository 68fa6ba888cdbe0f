//! What a screenshot shows, in a few numbers.

use serde_json::Value;

/// Measures `png`, a screenshot in base64, in the browser itself, which knows how to read it.
pub(crate) const MEASURE: &str = "
    const image = new Image();
    image.onload = () => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, image.width, image.height);
        const colours = new Set();
        let sum = 0, squares = 0;
        for (let i = 0; i < data.length; i += 4) {
            colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
            const brightness = (data[i] + data[i + 1] + data[i + 2]) / 3;
            sum += brightness;
            squares += brightness * brightness;
        }
        const n = data.length / 4;
        const mean = sum / n;
        const contrast = Math.sqrt(Math.max(0, squares / n - mean * mean));
        done({ width: image.width, height: image.height, colours: colours.size, mean, contrast });
    };
    image.onerror = () => done(null);
    image.src = 'data:image/png;base64,' + png;";

/// What a screenshot shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: [u64; 2],
    /// How many colours there are in it.
    pub n_colours: u64,
    /// The mean of its brightness, from 0 to 255.
    pub mean: f64,
    /// The standard deviation of its brightness, from 0 of one colour to 127.5 of black and white.
    pub contrast: f64,
}

impl Picture {
    pub(crate) fn of(measured: &Value) -> Self {
        let number = |key: &str| {
            measured[key]
                .as_f64()
                .expect("a screenshot can be measured")
        };
        Self {
            size: ["width", "height"].map(|key| number(key) as u64),
            n_colours: number("colours") as u64,
            mean: number("mean"),
            contrast: number("contrast"),
        }
    }
}
