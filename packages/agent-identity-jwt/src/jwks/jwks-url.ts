import { requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { jwtError } from '../errors.js';

/** The ChatGPT base URL of production (docs/protocol.md section 6). */
const productionBaseUrl = 'https://chatgpt.com/backend-api';

/**
 * The JWKS URL of a **JWT** base URL, never to be derived from the AuthAPI base: `{base}/wham/agent-identities/jwks`
 * where the path of the base has the segment `backend-api`, else `{base}/agent-identities/jwks` (docs/protocol.md section 6).
 *
 * @param jwtBaseUrl Absolute; trailing slashes are ignored; production by default.
 * @throws AgentIdentityError `insecure_url`; `invalid_argument` for a query or a fragment
 */
export function agentIdentityJwksUrl(
  jwtBaseUrl: string | URL = productionBaseUrl,
  options: SecureUrlOptions = {},
): string {
  const url = requireSecureUrl(jwtBaseUrl, 'JWT base URL', options);
  if (/[?#]/.test(url.href)) {
    throw jwtError('invalid_argument', 'JWT base URL: expected no query and no fragment');
  }
  const segments = url.pathname.split('/');
  while (segments.at(-1) === '') segments.pop();
  const endpoint = segments.includes('backend-api') ? 'wham/agent-identities/jwks' : 'agent-identities/jwks';
  return `${url.origin}${segments.join('/')}/${endpoint}`;
}
