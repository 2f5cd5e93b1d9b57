/** Batches of messages, each asking for a fund's page, to files of raw text (SoR). */
export { collectBatch as handler } from './messages.ts';
