import type { AdminSigningKeys } from 'agent-identity-authority-core/admin-wire';
import { type Finding, found, passed } from './finding.js';

/** How late a scheduled rotation may be: a server checks its keys now and then. */
const slackSeconds = 86_400;

/**
 * Judges the signing keys.
 *
 * @param rotateEverySeconds 0 if nothing rotates on a schedule.
 */
export function checkKeys(
  { signing_keys: keys }: AdminSigningKeys,
  now: number,
  rotateEverySeconds: number,
): Finding {
  const newest = keys.at(-1);
  if (newest === undefined) {
    return found('warning', 'keys', { code: 'no_signing_key', message: 'there is no signing key yet' });
  }
  const ageSeconds = Math.max(0, now - Date.parse(newest.created_at)) / 1000;
  const age = `${Math.floor(ageSeconds / 86_400)} days`;
  const published = keys.filter((key) => key.published).length;
  const message = `the newest of ${published} published keys is ${age} old`;
  const isOld = rotateEverySeconds > 0 && ageSeconds > rotateEverySeconds + slackSeconds;
  return isOld ? found('warning', 'keys', { code: 'signing_key_old', message }) : passed('keys', message);
}
