/** Loaded before a command: its clock begins at the moment that PYNVEST_TEST_NOW says, and goes on from there. */
const RealDate = Date;
const start = RealDate.parse(process.env.PYNVEST_TEST_NOW ?? '') - performance.now();

globalThis.Date = class extends RealDate {
  constructor(...values) {
    super(...(values.length === 0 ? [globalThis.Date.now()] : values));
  }

  static now() {
    return Math.floor(start + performance.now());
  }
};
