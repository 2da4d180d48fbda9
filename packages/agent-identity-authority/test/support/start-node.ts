import { randomBytes } from 'node:crypto';
import { temporaryFile } from 'test-support';
import { type ServeProcess, startServeProcess } from './run-program.js';

/** The token of the account that the clients of a load register agents for. */
export const accessToken = 'an-access-token-of-some-length';

export const masterKey: Uint8Array = randomBytes(32);

/** Starts a node in a process of its own, without the limits that a load would meet. */
export async function startNode(
  storeUrl: string,
  environment: Record<string, string> = {},
): Promise<ServeProcess> {
  const tokens = `[[tokens]]\ntoken = "${accessToken}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`;
  const words = ['--agents-tokens-file', await temporaryFile(tokens), '--storage-timeout-seconds', '2'];
  for (const limit of [
    'address-requests-per-minute',
    'runtime-requests-per-minute',
    'account-runtimes-per-hour',
  ]) {
    words.push(`--limits-${limit}`, '0');
  }
  return startServeProcess(words, {
    AIA_STORE: storeUrl,
    AIA_MASTER_KEY: Buffer.from(masterKey).toString('base64'),
    ...environment,
  });
}
