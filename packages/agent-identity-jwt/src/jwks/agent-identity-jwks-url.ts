import { requireBaseUrl, requireKnownOptions, type SecureUrlOptions } from 'agent-identity-core/http';

/** The ChatGPT base URL of production (docs/protocol.md section 6). */
const productionBaseUrl = 'https://chatgpt.com/backend-api';

/**
 * Returns the JWKS URL for a **JWT** base URL: `{base}/wham/agent-identities/jwks` if the base contains `/backend-api`, else
 * `{base}/agent-identities/jwks` (docs/protocol.md section 6). Never derive it from the AuthAPI base URL.
 *
 * @param jwtBaseUrl Absolute. Trailing slashes are ignored. Default: production.
 * @throws AgentIdentityError `insecure_url`; `invalid_base_url` for a query or a fragment; `invalid_argument`
 * @example
 * ```ts
 * import { agentIdentityJwksUrl } from 'agent-identity-jwt';
 *
 * agentIdentityJwksUrl(); // 'https://chatgpt.com/backend-api/wham/agent-identities/jwks'
 * ```
 */
export function agentIdentityJwksUrl(
  jwtBaseUrl: string | URL = productionBaseUrl,
  options: SecureUrlOptions = {},
): string {
  requireKnownOptions(options, ['allowPlainHttpHosts'], 'options');
  const base = requireBaseUrl(jwtBaseUrl, 'JWT base URL', options);
  return `${base}${base.includes('/backend-api') ? '/wham' : ''}/agent-identities/jwks`;
}
