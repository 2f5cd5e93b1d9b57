/** The profile in AWS's own settings that a person names. */
import { loadSharedConfigFiles } from '@smithy/core/config';
import { NoCredentialsError } from '../errors.ts';

/** Of the sections that AWS's files have, those that are no profiles. */
const NO_PROFILE = /^(sso-session|services)\./;

/**
 * Looks whether the profile is there: the SDK alone would say that it has no credentials, and not why.
 * @param profile as `--profile` says; else AWS_PROFILE counts, as it does for the SDK
 * @throws NoCredentialsError where neither of AWS's files has it
 */
export async function checkProfile(profile: string | undefined): Promise<void> {
  const name = profile ?? process.env['AWS_PROFILE'];
  // Without files, `default` is no more than a word for what the rest of the chain finds.
  if (name === undefined || name === '' || name === 'default') return;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    .filter((each) => !NO_PROFILE.test(each))
    .sort();
  if (known.includes(name)) return;
  const where = process.env['AWS_CONFIG_FILE'] || '~/.aws/config';
  const said = profile === undefined ? 'AWS_PROFILE names it. ' : '';
  throw new NoCredentialsError(`there is no profile ${JSON.stringify(name)} in ${where}`, {
    hint:
      known.length > 0
        ? `${said}There ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}.`
        : `${said}\`aws configure --profile ${name}\` makes it.`,
  });
}
