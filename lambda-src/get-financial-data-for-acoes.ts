export { collectBatch as handler } from './sqs-batch.ts';
