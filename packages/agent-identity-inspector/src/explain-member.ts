import type { InspectedMember } from './inspection.js';

type Explanation = readonly [section: string, explanation: string, secret?: 'secret'];

/** The members of the protocol's documents. */
const explanations: Readonly<Record<string, Explanation>> = {
  agent_runtime_id: ['1', 'The registered agent. The backend issues the id.'],
  task_id: ['1', 'The task of the run. The backend issues the id.'],
  timestamp: ['3', 'When it was signed: RFC 3339, UTC, whole seconds.'],
  signature: [
    '3',
    'The Ed25519 signature. Whoever has it can send this assertion until its time window ends.',
    'secret',
  ],
  agent_private_key: ['2', 'The private key of the agent: base64 of PKCS#8.', 'secret'],
  public_key: ['2', 'The public half of the private key, as an OpenSSH line.'],
  account_id: ['3', 'The account, sent as ChatGPT-Account-ID.'],
  chatgpt_user_id: ['7', 'The user that the agent acts for.'],
  email: ['7', "The user's email address; missing, null and empty all mean none."],
  plan_type: ['7', 'The plan of the account. Unknown values are kept.'],
  chatgpt_account_is_fedramp: ['3', 'Whether X-OpenAI-Fedramp: true is sent.'],
  iss: ['7', 'The issuer.'],
  aud: ['7', 'The audience: the program that the token is for.'],
  exp: ['7', 'When the token expires, in seconds since 1970.'],
  iat: ['7', 'When the token was issued, in seconds since 1970.'],
  nbf: ['7', 'The token is not valid before this time, in seconds since 1970.'],
  alg: ['7', 'The algorithm of the signature. Only RS256 is accepted.'],
  kid: ['7', 'The key of the JWKS that signed the token.'],
  typ: ['RFC 7515 section 4.1.9', 'The type of the token.'],
  sub: ['RFC 7519 section 4.1.2', 'The subject.'],
  auth_mode: ['9', 'Which of the credentials are used. If it is missing, it is inferred.'],
  OPENAI_API_KEY: ['9', 'An API key.', 'secret'],
  personal_access_token: ['9', 'A personal access token.', 'secret'],
  bedrock_api_key: ['9', 'An API key of another provider.', 'secret'],
  id_token: ['9', 'The ID token of the ChatGPT login: it names the account.', 'secret'],
  access_token: ['9', 'The access token of the ChatGPT login: the bearer token.', 'secret'],
  refresh_token: ['9', 'The refresh token of the ChatGPT login. It can be used once.', 'secret'],
  last_refresh: ['9', 'When the tokens were refreshed.'],
  runtime_agent_instance: ['protocol-instances 4', 'The runtime agent instance that signed.'],
  version: ['protocol-instances 4', 'The version of the assertion.'],
  id: ['protocol-instances 4', 'The id of this assertion. A server accepts it once.'],
};

/** Explains a member. A member that the protocol does not name is treated as a secret. */
export function explainMember(name: string, value: unknown): InspectedMember {
  const known = Object.hasOwn(explanations, name) ? explanations[name] : undefined;
  const [section, explanation, secret] = known ?? ['', 'Not a member of the protocol.', 'secret'];
  const isEmpty = value === null || value === undefined || value === '';
  return { name, value, section, explanation, ...(secret && !isEmpty && { secret: true }) };
}

/** Explains all members of an object. */
export function explainMembers(document: object): InspectedMember[] {
  return Object.entries(document).map(([name, value]) => explainMember(name, value));
}
