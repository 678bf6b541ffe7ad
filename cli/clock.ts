/** Milliseconds since some moment. Node has this clock from its start; `performance` would have to be loaded first. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
