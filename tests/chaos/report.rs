//! Prints the trials as a table.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{CellAlignment, Table, presets};

use crate::{cases::FaultKind, trial::Trial};

/// Counts the trials of one cell.
#[derive(Debug, Default, Clone, Copy)]
struct Cell {
    tried: usize,
    redriven: usize,
}

impl Cell {
    fn add(&mut self, trial: &Trial<'_>) {
        self.tried += 1;
        self.redriven += usize::from(!trial.needed_no_redrive());
    }

    fn text(self) -> String {
        match self {
            Self { tried: 0, .. } => String::new(),
            Self { tried, redriven: 0, .. } => tried.to_string(),
            Self { tried, redriven, .. } => format!("{tried} ({redriven})"),
        }
    }
}

/// Counts the trials of one call of one kind of upload.
#[derive(Debug, Default)]
struct Row {
    occurrences: BTreeSet<usize>,
    cells: BTreeMap<FaultKind, Cell>,
    broken: usize,
}

impl Row {
    fn add(&mut self, trial: &Trial<'_>) {
        self.occurrences.insert(trial.case.plan.nth);
        self.cells.entry(trial.case.fault_kind()).or_default().add(trial);
        self.broken += usize::from(!trial.broken.is_empty());
    }
}

/// Prints a row for each call and a column for each kind of fault. The number of redriven uploads is in parentheses.
pub(crate) fn print(trials: &[Trial<'_>]) {
    let mut rows = BTreeMap::<(&str, &str), Row>::new();
    for trial in trials {
        rows.entry((trial.case.kind.name, &trial.case.plan.call)).or_default().add(trial);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let fault_kinds = FaultKind::ALL.map(|kind| kind.to_string());
    let header = ["upload", "call", "occurrences"].into_iter().map(str::to_owned);
    table.set_header(header.chain(fault_kinds).chain(["broken".to_owned()]));
    for ((kind, call), row) in &rows {
        let cell = |fault| row.cells.get(&fault).copied().unwrap_or_default().text();
        let first = [(*kind).to_owned(), (*call).to_owned(), row.occurrences.len().to_string()];
        let last = [row.broken.to_string()];
        table.add_row(first.into_iter().chain(FaultKind::ALL.map(cell)).chain(last));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");

    let not_redriven = trials.iter().filter(|trial| trial.needed_no_redrive()).count();
    let broken = trials.iter().filter(|trial| !trial.broken.is_empty()).count();
    let occurrences: usize = rows.values().map(|row| row.occurrences.len()).sum();
    println!(
        "{} calls × occurrences, {} faults: {} reached their outcome without a redrive, {} were redriven, {} broken promises",
        occurrences,
        trials.len(),
        not_redriven,
        trials.len() - not_redriven,
        broken,
    );
}
