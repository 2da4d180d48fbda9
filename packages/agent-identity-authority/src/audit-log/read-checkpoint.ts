import { readBoundedText, requireSecureUrl, withDeadline } from 'agent-identity-core/http';
import { readConfigurationFile } from '../configuration/read-configuration-file.js';
import { programError } from '../errors.js';

/**
 * Reads a checkpoint that was kept elsewhere, from a file or an URL.
 *
 * @throws AgentIdentityError `invalid_configuration`, `authority_unreachable`, `insecure_url`
 */
export async function readCheckpoint(source: string, fetch: typeof globalThis.fetch): Promise<string> {
  if (/^https?:/.test(source)) return fetchCheckpoint(requireSecureUrl(source, '--checkpoint'), fetch);
  return readConfigurationFile(source);
}

async function fetchCheckpoint(url: URL, fetch: typeof globalThis.fetch): Promise<string> {
  try {
    return await withDeadline({ timeoutSeconds: 30 }, async (signal) => {
      const response = await fetch(url, { redirect: 'error', signal });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      return readBoundedText(response, 8192);
    });
  } catch {
    throw programError('authority_unreachable', `${url.origin} did not send a checkpoint`, {
      retryable: true,
    });
  }
}
