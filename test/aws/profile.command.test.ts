/** A profile that is named, and may not be there. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { pynvest } from '../support/command.ts';
import { newFolder } from '../support/folders.ts';

let env: Record<string, string>;
let config: string;

beforeAll(async () => {
  const folder = await newFolder();
  config = join(folder, 'config');
  const mine = '[profile mine]\nregion = sa-east-1\n[sso-session work]\nsso_region = us-east-1\n';
  await writeFile(config, mine);
  const credentials = join(folder, 'credentials');
  const keys = 'aws_access_key_id = test\naws_secret_access_key = test\n';
  await writeFile(credentials, `[mine]\n${keys}[other]\n${keys}`);
  env = {
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'sa-east-1',
    AWS_DEFAULT_REGION: '',
    AWS_PROFILE: '',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // Nobody answers there: what has credentials comes so far, and no further.
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    XDG_CONFIG_HOME: folder,
  };
});

describe('with keys in the environment as well', () => {
  test('one that is not there is said in one line, and which there are', async () => {
    const { status, stdout, stderr } = await pynvest(['plan', '--profile', 'nada'], { env });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      `error: there is no profile "nada" in ${config}\nKnown profiles: mine, other.\n`,
    );
  });

  test('so is one that AWS_PROFILE names', async () => {
    const { stderr } = await pynvest(['plan'], { env: { ...env, AWS_PROFILE: 'nada' } });
    expect(stderr).toBe(
      `error: there is no profile "nada" in ${config}\n` +
        'AWS_PROFILE names it. Known profiles: mine, other.\n',
    );
  });

  test('one that is there is taken, and the SDK says nothing of its own', async () => {
    const { status, stderr } = await pynvest(['plan', '--profile', 'mine'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: AWS does not answer/m);
    expect(stderr).not.toContain('aws-sdk');
  });
});
