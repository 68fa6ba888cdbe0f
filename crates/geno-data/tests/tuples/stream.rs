//! In which order tuples come, and from where on.

use std::{collections::HashSet, error::Error};

use geno_data::{Holdouts, TrainingTuple, TupleCursor, TupleError, TupleStream, Worker};

use crate::{
    Outcome,
    world::{World, line, lines},
};

#[test]
fn neighbours_in_the_stream_are_of_different_windows() -> Outcome {
    let (tuples, _) = World::new().epochs(1)?;
    let same = tuples
        .windows(2)
        .filter(|pair| pair[0].record_id() == pair[1].record_id());
    // Of eight windows shuffled together, one neighbour in nine is of the same.
    assert!(same.count() * 5 < tuples.len());
    let first: HashSet<&str> = tuples[..64].iter().map(TrainingTuple::record_id).collect();
    assert_eq!(first.len(), 8);
    Ok(())
}

#[test]
fn epochs_differ_and_seeds_differ() -> Outcome {
    let mut world = World::new();
    let (tuples, _) = world.epochs(2)?;
    let half = tuples.len() / 2;
    let all = lines(&tuples);
    let of_first: HashSet<&String> = all[..half].iter().collect();
    let again = all[half..]
        .iter()
        .filter(|line| of_first.contains(line))
        .count();
    // Population variants come again, since a window holds few.
    assert!(again < half / 2, "{again} of {half}");

    world.settings.seed = 1;
    let (others, _) = world.epochs(1)?;
    assert_ne!(lines(&others)[..8], all[..8]);
    Ok(())
}

#[test]
fn threads_change_nothing() -> Outcome {
    let world = World::new();
    let with = |n| -> Result<Vec<String>, Box<dyn Error>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
        let (tuples, _) = pool.install(|| world.epochs(2))?;
        Ok(lines(&tuples))
    };
    let one = with(1)?;
    assert_eq!(one, with(3)?);
    assert_eq!(one, with(16)?);
    Ok(())
}

#[test]
fn a_stream_begins_again_at_every_tuple() -> Outcome {
    let world = World::new();
    let builder = world.builder()?;
    let mut stream = TupleStream::new(&builder).epochs(2);
    let mut cursors = vec![stream.cursor()];
    let mut all = Vec::new();
    while let Some(tuple) = stream.next() {
        all.push(line(&tuple?));
        cursors.push(stream.cursor());
    }
    assert_eq!(cursors.len(), all.len() + 1);
    for (i, cursor) in cursors
        .iter()
        .enumerate()
        .step_by(37)
        .chain([(all.len(), &cursors[all.len()])])
    {
        let written = serde_json::to_string(cursor)?;
        assert!(written.len() < 100, "{written}");
        let cursor: TupleCursor = serde_json::from_str(&written)?;
        let rest = TupleStream::new(&builder).at(cursor)?.epochs(2);
        let rest = rest.take(20).collect::<Result<Vec<_>, _>>()?;
        let end = all.len().min(i + 20);
        assert_eq!(lines(&rest), all[i..end], "from tuple {i}");
    }
    Ok(())
}

#[test]
fn a_cursor_of_another_stream_is_refused() -> Outcome {
    let mut world = World::new();
    let cursor = TupleStream::new(&world.builder()?).cursor();
    let builder = world.builder()?;
    let worker = TupleStream::of_worker(&builder, Worker { index: 0, count: 2 });
    assert!(matches!(
        worker.at(cursor).err(),
        Some(TupleError::OtherStream)
    ));
    world.settings.margin = 65;
    let builder = world.builder()?;
    let other = TupleStream::new(&builder).at(cursor).err();
    assert!(matches!(other, Some(TupleError::OtherStream)));
    Ok(())
}

#[test]
fn workers_share_an_epoch_without_rest_and_without_overlap() -> Outcome {
    let world = World::new();
    let (whole, _) = world.epochs(1)?;
    let builder = world.builder()?;
    let mut shared = Vec::new();
    for index in 0..3 {
        let part = TupleStream::of_worker(&builder, Worker { index, count: 3 }).epochs(1);
        shared.extend(lines(&part.collect::<Result<Vec<_>, _>>()?));
    }
    let mut whole = lines(&whole);
    whole.sort_unstable();
    shared.sort_unstable();
    assert_eq!(shared, whole);
    Ok(())
}

#[test]
fn an_epoch_that_gives_nothing_is_an_error_and_no_endless_search() {
    let mut world = World::new();
    let mut holdouts = Holdouts::builder(None);
    holdouts.contig("chr20");
    world.holdouts = holdouts.build();
    let builder = world.builder().expect("a builder");
    let error = TupleStream::new(&builder).next();
    assert!(matches!(
        error,
        Some(Err(TupleError::EmptyEpoch { epoch: 0 }))
    ));
}
