import {
  type HttpEffects,
  invalidArgument,
  isHeaderSafe,
  parseJson,
  readBoundedText,
  requireKnownOptions,
  requireSecureUrl,
  resolveEffects,
  type SecureUrlOptions,
  withDeadline,
} from 'agent-identity-core/http';
import { instanceActorSchema } from 'agent-identity-core/wire';
import type { AgentActor } from 'agent-identity-verifier';
import { fromDirectoryActor } from 'agent-identity-verifier/directory-wire';
import * as z from 'zod';
import { authorityError } from '../errors.js';
import { requireWholeSeconds } from '../require-whole-seconds.js';
import type { ActorAuthenticator } from './actor-authenticator.js';

/** Options for `credentialIntrospection`. */
export interface CredentialIntrospectionOptions extends SecureUrlOptions {
  /** The URL of the endpoint; `https:`, or `http:` to loopback. **The credential of each registration is sent there.** */
  readonly url: string;
  /** **Secret.** The bearer token of the authority at the endpoint. Default: none. */
  readonly accessToken?: string | undefined;
  /** The limit for each request, including its body, 1 to 60. Default: 5. */
  readonly timeoutSeconds?: number | undefined;
}

/** Overrides for ambient dependencies of `credentialIntrospection`. */
export type CredentialIntrospectionEffects = Pick<HttpEffects, 'fetch'>;

const optionNames = ['url', 'accessToken', 'timeoutSeconds', 'allowPlainHttpHosts'];
const maxBytes = 65_536;

const responseSchema = z.discriminatedUnion('active', [
  z.object({ active: z.literal(true), actor: instanceActorSchema }),
  z.object({ active: z.literal(false), reason: z.string().optional() }),
]);

/**
 * Asks an HTTP endpoint for the actor of a credential, modeled on token introspection (RFC 7662). The request is a form with
 * `token`, and with `organization_id` and `project_id` if the client selected them. The response is JSON with status 200:
 *
 * - `{"active":true,"actor":{"kind":"platform","user_id":"…","organization_id":"…","project_id":null}}`, or with an actor
 *   `{"kind":"chatgpt","user_id":"…","account_id":"…"}`
 * - `{"active":false}` for a credential that is not valid (401)
 * - `{"active":false,"reason":"source_inactive"}` for one of an account that is not active (403)
 *
 * Every other response is a failure (503), and so are redirects.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`
 * @example
 * ```ts
 * import { credentialIntrospection } from 'agent-identity-authority-core';
 *
 * declare const accessToken: string;
 * const platformApiKey = credentialIntrospection({ url: 'https://keys.example.com/introspect', accessToken });
 * ```
 */
export function credentialIntrospection(
  options: CredentialIntrospectionOptions,
  effects: CredentialIntrospectionEffects = {},
): ActorAuthenticator {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, ['fetch'], 'effects');
  const { accessToken, timeoutSeconds = 5 } = options;
  const { fetch } = resolveEffects(effects);
  const url = requireSecureUrl(options.url, 'introspection URL', options);
  requireWholeSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 60 });
  if (accessToken !== undefined && !isHeaderSafe(accessToken)) {
    throw invalidArgument('accessToken', 'visible ASCII characters without spaces', accessToken);
  }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
  };
  return {
    async authenticate(token, { organizationId, projectId }) {
      const form = new URLSearchParams({
        token,
        ...(organizationId !== undefined && { organization_id: organizationId }),
        ...(projectId !== undefined && { project_id: projectId }),
      });
      const request = { method: 'POST', headers, body: form.toString(), redirect: 'manual' } as const;
      return readVerdict(
        await withDeadline({ timeoutSeconds }, async (signal) => {
          const response = await fetch(url, { ...request, signal });
          if (response.status !== 200)
            throw new Error(`introspection: expected status 200, got ${response.status}`);
          return readBoundedText(response, maxBytes, { signal });
        }),
      );
    },
  };
}

function readVerdict(text: string): AgentActor | undefined {
  const { data } = responseSchema.safeParse(parseJson(text));
  if (data === undefined) throw new Error('introspection: the response has another form');
  if (data.active) return fromDirectoryActor(data.actor);
  if (data.reason === undefined) return undefined;
  if (data.reason === 'source_inactive') {
    throw authorityError('runtime_actor_source_inactive', 'The account of the credential is not active.');
  }
  throw new Error('introspection: the response has an unknown reason');
}
