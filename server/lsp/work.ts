/** What was done, in counts: the same on every machine, so that tests and figures can hold typing to its share. */

export interface Work {
  /** Items of texts that were parsed, and those whose names were resolved. */
  itemsRead: number;
  itemsResolved: number;
  /** Scenarios that were elaborated, whose code was checked by the rules, and about which a report was made. */
  scenariosElaborated: number;
  scenariosChecked: number;
  scenariosReported: number;
  /** States that were looked at. */
  statesExplored: number;
}

export function noWork(): Work {
  return {
    itemsRead: 0,
    itemsResolved: 0,
    scenariosElaborated: 0,
    scenariosChecked: 0,
    scenariosReported: 0,
    statesExplored: 0,
  };
}

export function workSince(before: Work, now: Work): Work {
  return each((name) => now[name] - before[name]);
}

export function sumOf(a: Work, b: Work): Work {
  return each((name) => a[name] + b[name]);
}

function each(count: (name: keyof Work) => number): Work {
  const work = noWork();
  for (const name of Object.keys(work) as (keyof Work)[]) work[name] = count(name);
  return work;
}
