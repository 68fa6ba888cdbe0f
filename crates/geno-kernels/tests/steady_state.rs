//! After the first pass, no step of a block allocates.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use geno_kernels::{
    Affine, Attention, AttentionShape, Format, GatedLayer, Kernel, LayerNorm, PackedMatrix,
    RmsNorm, RotaryTable, Segment, TokenGroups, TokenSteps, add_gated, add_product, gelu,
    multiply_rows, project, rotate,
};

/// The system's allocator, counted.
struct Counted;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

const WIDTH: usize = 64;
const ROWS: usize = 120;

fn matrix(format: Format, inner: usize, columns: usize) -> PackedMatrix {
    PackedMatrix::pack(format, inner, columns, |j, column| {
        for (i, value) in column.iter_mut().enumerate() {
            *value = ((i * 31 + j * 17) % 23) as f32 / 23.0 - 0.5;
        }
    })
}

#[test]
fn no_step_of_a_block_allocates_once_it_has_run() {
    // One thread: which thread runs a task, and so grows its scratch, is otherwise left to chance.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    for format in [Format::F32, Format::Bf16, Format::Int8] {
        let norm = RmsNorm {
            weight: vec![1.0; WIDTH],
            epsilon: 1e-6,
        };
        let shape = AttentionShape {
            n_heads: 4,
            n_kv_heads: 2,
            head_dim: 16,
        };
        let (query, key_value) = (matrix(format, WIDTH, 64), matrix(format, WIDTH, 64));
        let output = matrix(format, 64, WIDTH);
        let layer = GatedLayer {
            norm: norm.clone(),
            gate: matrix(format, WIDTH, 100),
            up: matrix(format, WIDTH, 100),
            down: matrix(format, 100, WIDTH),
        };
        let layer_norm = LayerNorm {
            weight: vec![1.0; WIDTH],
            bias: vec![0.0; WIDTH],
            epsilon: 1e-5,
        };
        let map = Affine::new(matrix(format, WIDTH, WIDTH), vec![0.1; WIDTH]);
        let mut table = RotaryTable::new(vec![1.0; 8], 1.0);
        table.grow(ROWS);
        let positions: Vec<u32> = (0..100).chain((0..20).map(|i| 80 + i)).collect();
        let whole = Segment {
            follows: 0,
            start: 0,
            len: 100,
            kept: Some(0),
            first_query: 0,
            end_query: 100,
        };
        let suffix = Segment {
            start: 80,
            len: 20,
            kept: None,
            end_query: 20,
            ..whole
        };
        let kernel = Kernel::detect();
        let mut attention = Attention::new(kernel, shape, format);
        let mut x = vec![0.5; ROWS * WIDTH];
        let [mut queries, mut key_values, mut attended] = [(); 3].map(|()| vec![0.0; ROWS * 64]);
        let mut block = || {
            let outputs = [(&query, &mut queries[..]), (&key_value, &mut key_values)];
            project(kernel, &norm, &x, outputs);
            rotate(kernel, &table, &positions, &mut queries, 64, 4);
            rotate(kernel, &table, &positions, &mut key_values, 64, 2);
            attention.keep(0, &key_values[..100 * 64]);
            attention.attend(&[whole, suffix], &queries, &key_values, &mut attended);
            add_product(kernel, &attended, &output, &mut x);
            add_gated(kernel, &layer, &mut x);

            layer_norm.forward(kernel, &x, &mut queries);
            map.forward(kernel, &queries, &mut key_values);
            gelu(kernel, &mut key_values, WIDTH);
            multiply_rows(kernel, &key_values, map.weight(), &mut queries);
            let groups = TokenGroups {
                first: Some(&key_values[..ROWS / 3 * WIDTH]),
                keys: &queries[..ROWS / 3 * 2 * WIDTH],
                values: &queries[..ROWS / 3 * 2 * WIDTH],
                visible: &[true; ROWS * 2],
                n_keys: 2,
                n_heads: 4,
            };
            groups.attend(kernel, WIDTH, &key_values, &mut attended);
            let steps = TokenSteps {
                keys_values: &queries,
                n_sequences: 6,
                n_heads: 4,
            };
            let asking = ROWS / 2 * WIDTH;
            steps.attend(
                kernel,
                WIDTH,
                &key_values[..asking],
                &mut attended[..asking],
            );
            map.add(kernel, &attended, &mut x);
        };
        pool.install(|| {
            block();
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            block();
            let after = ALLOCATIONS.load(Ordering::Relaxed);
            assert_eq!(after - before, 0, "{format:?}");
        });
    }
}
