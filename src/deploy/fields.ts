/** Objects of JSON and of a template, whose fields are not known. */

export type Fields = Readonly<Record<string, unknown>>;

/** The value if it is an object, else an empty one. */
export function toFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
