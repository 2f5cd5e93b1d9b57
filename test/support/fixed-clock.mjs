/** Loaded before a command: its day is the one that PYNVEST_TEST_NOW says, and does not move. */
const now = Date.parse(process.env.PYNVEST_TEST_NOW ?? '');

globalThis.Date = class extends Date {
  constructor(...values) {
    super(...(values.length === 0 ? [now] : values));
  }

  static now() {
    return now;
  }
};
