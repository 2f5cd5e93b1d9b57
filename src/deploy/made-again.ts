/** What to do about a part of the stack that somebody removed by hand: no update makes it again. Pure. */
export const MADE_AGAIN =
  '`pynvest destroy`, then `pynvest deploy`, make it again; the data stays.';
