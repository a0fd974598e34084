//! The matrix, as it is printed.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, Table, presets};

use crate::{matrix::Kind, trial::Trial};

/// How the trials of one cell went.
#[derive(Debug, Default, Clone, Copy)]
struct Cell {
    tried: usize,
    redriven: usize,
    broken: usize,
}

impl Cell {
    fn add(&mut self, trial: &Trial<'_>) {
        self.tried += 1;
        self.redriven += usize::from(!trial.by_itself());
        self.broken += usize::from(!trial.broken.is_empty());
    }

    fn text(self) -> String {
        match self {
            Self { tried: 0, .. } => String::new(),
            Self { tried, redriven: 0, .. } => tried.to_string(),
            Self { tried, redriven, .. } => format!("{tried} ({redriven})"),
        }
    }
}

/// Calls × occurrences down, strikes across; in parentheses what ended red first.
pub(crate) fn print(trials: &[Trial<'_>]) {
    let mut rows = BTreeMap::<(&str, &str), (BTreeSet<usize>, BTreeMap<Kind, Cell>, Cell)>::new();
    for trial in trials {
        let case = trial.case;
        let row = rows.entry((case.story.name, &case.plan.call)).or_default();
        row.0.insert(case.plan.nth);
        row.1.entry(case.kind()).or_default().add(trial);
        row.2.add(trial);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let kinds = Kind::ALL.map(|kind| kind.to_string());
    let header = ["upload", "call", "occurrences"].into_iter().map(str::to_owned);
    table.set_header(header.chain(kinds).chain(["broken".to_owned()]));
    for ((story, call), (occurrences, cells, all)) in &rows {
        let cell = |kind| cells.get(&kind).copied().unwrap_or_default().text();
        let first = [(*story).to_owned(), (*call).to_owned(), occurrences.len().to_string()];
        table.add_row(first.into_iter().chain(Kind::ALL.map(cell)).chain([all.broken.to_string()]));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");

    let themselves = trials.iter().filter(|trial| trial.by_itself()).count();
    let broken = trials.iter().filter(|trial| !trial.broken.is_empty()).count();
    let occurrences: usize = rows.values().map(|row| row.0.len()).sum();
    println!(
        "{} calls × occurrences, {} faults: {} reached their outcome by themselves, {} were redriven, {} broken promises",
        occurrences,
        trials.len(),
        themselves,
        trials.len() - themselves,
        broken,
    );
}
