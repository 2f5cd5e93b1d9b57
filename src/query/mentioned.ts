/** Which columns a question speaks of. Pure. */

import type { Condition, Operand } from './condition.ts';
import type { Refinements } from './quotes.ts';

/** The columns of the order, then those of the condition, each once. */
export function mentionedColumns({ sort = [], where }: Refinements): readonly string[] {
  return [...new Set([...sort.map(({ column }) => column.name), ...(where ? namesIn(where) : [])])];
}

function namesIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(namesIn);
    case 'not':
      return namesIn(condition.part);
    case 'compare':
      return [condition.column.name, ...ofOperand(condition.value)];
    case 'between':
      return [condition.column.name, ...ofOperand(condition.low), ...ofOperand(condition.high)];
    case 'in':
      return [condition.column.name, ...condition.values.flatMap(ofOperand)];
    case 'like':
    case 'null':
      return [condition.column.name];
  }
}

function ofOperand(operand: Operand): readonly string[] {
  return 'column' in operand ? [operand.column.name] : [];
}
