/** Which scenario is explored next, and by whom: each worker stays with its file, so that it opens a file only once. */

/** A scenario by its place among those of its file; without one the file is only opened, for what its text says. */
export interface Task {
  readonly file: number;
  readonly scenario?: number;
}

export interface FileQueue {
  /** Tasks that nobody has taken. */
  readonly left: number;
  /** `current`: the file that who asks has open. Undefined: nothing is left. */
  next(current: number | undefined): Task | undefined;
  /** What was taken last is to be done by another one. */
  putBack(task: Task): void;
}

/**
 * `wanted`: for each file its scenarios that are to be explored. Who has done with its file takes one that nobody has
 * begun; where there is none, it helps with the file that has most left.
 */
export function fileQueue(wanted: readonly (readonly number[])[]): FileQueue {
  const tasks = wanted.map((scenarios, file): Task[] =>
    scenarios.length === 0 ? [{ file }] : scenarios.map((scenario) => ({ file, scenario })).reverse(),
  );
  let left = tasks.reduce((sum, ofFile) => sum + ofFile.length, 0);
  let untouched = 0;
  const leftOf = (file: number) => tasks[file]?.length ?? 0;
  const chosen = (current: number | undefined): number => {
    if (current !== undefined && leftOf(current) > 0) return current;
    if (untouched < tasks.length) return untouched++;
    return tasks.reduce((most, ofFile, file) => (ofFile.length > leftOf(most) ? file : most), 0);
  };
  return {
    get left() {
      return left;
    },
    next(current) {
      if (left === 0) return undefined;
      const task = tasks[chosen(current)]?.pop();
      left--;
      return task;
    },
    putBack(task) {
      tasks[task.file]?.push(task);
      left++;
    },
  };
}
