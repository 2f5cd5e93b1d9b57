/** The text of the CloudFormation template, for those that do not need what it says: to read that takes a while. */
import { readFileSync } from 'node:fs';

const templatePath = new URL('../../cloudformation/pynvest.yaml', import.meta.url);
export const templateText = readFileSync(templatePath, 'utf8');
