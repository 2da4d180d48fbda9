import { requireSecureUrl } from 'agent-identity-core/http';
import { agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import { hasMethods, invalidArgument, isObject, requireObject } from '../argument.js';
import type { AuthOptions } from './auth-options.js';
import { variableOf } from './found-credentials.js';
import { secureUrlOf } from './start-agent-identity.js';

interface Requirement {
  readonly expected: string;
  readonly isMet: (value: unknown) => boolean;
}

const text: Requirement = {
  expected: 'a string that is not blank',
  isMet: (value) => typeof value === 'string' && value.trim() !== '',
};
const texts: Requirement = {
  expected: 'a list of strings that are not blank',
  isMet: (value) => Array.isArray(value) && value.every(text.isMet),
};

/** What an option has to be if it is given. Credentials are looked at where they are chosen. */
const requirements = {
  env: { expected: 'an object of environment variables', isMet: isObject },
  store: {
    expected: 'an AuthStore',
    isMet: (value) => hasMethods(value, ['read', 'update', 'withLock']),
  },
  policy: {
    expected: 'jwt-only or chatgpt-auth',
    isMet: (value) => value === 'jwt-only' || value === 'chatgpt-auth',
  },
  forcedWorkspaceIds: texts,
  allowPlainHttpHosts: texts,
  abom: {
    expected: 'an agent bill of materials',
    isMet: (value) => agentBillOfMaterialsSchema.safeParse(value).success,
  },
  jwks: { expected: 'a JwksSource', isMet: (value) => hasMethods(value, ['findKey']) },
  chatgptBaseUrl: text,
  authapiBaseUrl: text,
  jwtBaseUrl: text,
  tokenUrl: text,
  clientId: text,
} satisfies Partial<Record<keyof AuthOptions, Requirement>>;

const authapiVariable = 'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL';
const jwksVariable = 'CODEX_AGENT_IDENTITY_JWKS_BASE_URL';

/**
 * Checks the options of `loadAuth`, whichever of them will be of use, and takes the base URLs from the environment
 * where no option names them.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`
 */
export function requireAuthOptions(options: AuthOptions): AuthOptions {
  requireObject(options, 'options');
  for (const [name, { expected, isMet }] of Object.entries<Requirement>(requirements)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined && !isMet(value)) throw invalidArgument(name, expected, value);
  }
  const { env = {}, chatgptBaseUrl, authapiBaseUrl, jwtBaseUrl, tokenUrl } = options;
  const ofEnvironment = {
    [authapiVariable]: authapiBaseUrl === undefined ? variableOf(env, authapiVariable) : undefined,
    [jwksVariable]: jwtBaseUrl === undefined ? variableOf(env, jwksVariable) : undefined,
  };
  const urls = { chatgptBaseUrl, authapiBaseUrl, jwtBaseUrl, tokenUrl, ...ofEnvironment };
  for (const [name, url] of Object.entries(urls)) {
    if (url !== undefined) requireSecureUrl(url, name, secureUrlOf(options));
  }
  return {
    ...options,
    authapiBaseUrl: authapiBaseUrl ?? ofEnvironment[authapiVariable],
    jwtBaseUrl: jwtBaseUrl ?? ofEnvironment[jwksVariable],
  };
}
