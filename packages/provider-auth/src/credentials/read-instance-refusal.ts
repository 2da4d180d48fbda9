import { parseJson } from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import type { InstanceEndCode } from '../instances/credential-instance.js';
import type { ProviderResponse } from './provider-credentials.js';

/**
 * The reason of a 401 or 403 for a request with an assertion of an instance (docs/protocol-instances.md section 6). Only
 * `error.code` counts.
 *
 * | refusal | status | `error.code` |
 * |---|---|---|
 * | the code | 401, 403 | `runtime_instance_revoked`, `runtime_assertion_invalid` |
 * | `clock_or_token_suspected` | 401 | anything else |
 * | `clock_or_token_suspected` | 403 | `instance_assertion_expired`, `instance_assertion_in_future` (**ours**) |
 * | `other` | 403 | anything else |
 */
export type InstanceRefusal = InstanceEndCode | 'clock_or_token_suspected' | 'other';

/** @param response With status 401 or 403. */
export async function readInstanceRefusal(response: ProviderResponse): Promise<InstanceRefusal> {
  const code = await readCode(response);
  if (code === 'runtime_instance_revoked' || code === 'runtime_assertion_invalid') return code;
  const isAboutClock = code === 'instance_assertion_expired' || code === 'instance_assertion_in_future';
  return response.status === 401 || isAboutClock ? 'clock_or_token_suspected' : 'other';
}

async function readCode({ body }: ProviderResponse): Promise<string | null | undefined> {
  try {
    const given = await body?.();
    const json = typeof given === 'string' ? parseJson(given) : given;
    return errorBodySchema.safeParse(json).data?.error.code;
  } catch {
    return undefined;
  }
}
