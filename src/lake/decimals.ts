/**
 * The decimals of other programs' files, exactly. hyparquet multiplies them by a power of ten, which makes
 * 46.480000000000004 of 4648 hundredths: so it is given them as whole numbers, and their point is set here. Pure.
 */
import type { FileMetaData, SchemaElement } from 'hyparquet';

/** How many digits each decimal column has behind its point, by name. */
export function decimalScales({ schema }: FileMetaData): ReadonlyMap<string, number> {
  return new Map(
    schema.filter(isDecimal).map((element) => {
      const { logical_type: logical } = element;
      const scale = logical?.type === 'DECIMAL' ? logical.scale : undefined;
      return [element.name, element.scale ?? scale ?? 0];
    }),
  );
}

/** The same with every decimal column as the whole numbers or bytes that it is stored as. */
export function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (!isDecimal(element)) return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}

/** The number nearest to a stored decimal; what is stored as no decimal is (text of any length) as it is. */
export function decimalOf(stored: unknown, scale: number): unknown {
  const digits = stored instanceof Uint8Array ? wholeNumberOf(stored) : stored;
  if (typeof digits !== 'bigint' && typeof digits !== 'number') return stored;
  return Number(`${digits}e-${scale}`);
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

/** A two's complement number, its highest byte first. */
function wholeNumberOf(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex || '0'}`));
}
