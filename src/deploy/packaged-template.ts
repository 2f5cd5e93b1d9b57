/** The template in this package. The build keeps what it says in a form that is read in a hundredth of the time. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPackageRoot, hashBytes } from './artifacts.ts';
import { type Fields, toFields } from './fields.ts';
import { parseContent, parseTemplate, type Template } from './template.ts';

/** Both relative to the package. */
export const TEMPLATE_FILE = 'cloudformation/pynvest.yaml';
export const CONTENT_FILE = 'dist/template.json';

/** What the build writes into `CONTENT_FILE`: what a text says, and which text that is. @throws DeployError */
export function formatContent(text: string): string {
  return `${JSON.stringify({ hash: hashText(text), content: parseContent(text) })}\n`;
}

export async function readPackagedTemplate(root: string = findPackageRoot()): Promise<Template> {
  const text = await readFile(join(root, TEMPLATE_FILE), 'utf8');
  return parseTemplate(text, await readContent(root, text));
}

/** Undefined where the build has kept none of this text: in a clone it may have been edited since. */
async function readContent(root: string, text: string): Promise<Fields | undefined> {
  try {
    const kept = toFields(JSON.parse(await readFile(join(root, CONTENT_FILE), 'utf8')));
    return kept['hash'] === hashText(text) ? toFields(kept['content']) : undefined;
  } catch {
    return undefined;
  }
}

function hashText(text: string): string {
  return hashBytes(Buffer.from(text));
}
