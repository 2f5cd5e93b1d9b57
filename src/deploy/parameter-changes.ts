/** Which parameters a deployment changes. Pure. */
import type { Values } from './settings.ts';
import type { Template } from './template.ts';

export interface ParameterChange {
  readonly name: string;
  /** Empty where it had no value. */
  readonly before: string;
  readonly after: string;
}

/**
 * What differs from the values that the stack has; where there is none yet, from the template's defaults.
 * @param hidden parameters that are not the person's to set
 */
export function changedParameters(
  template: Template,
  previous: Values | undefined,
  now: Values,
  hidden: ReadonlySet<string>,
): ParameterChange[] {
  return [...template.parameters.values()].flatMap(({ name, defaultValue }) => {
    // One that the stack does not know yet had its default's effect.
    const before = previous?.[name] ?? defaultValue ?? '';
    const after = now[name] ?? '';
    return hidden.has(name) || before === after ? [] : [{ name, before, after }];
  });
}
