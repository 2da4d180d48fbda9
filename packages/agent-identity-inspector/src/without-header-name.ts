/**
 * Returns the value of a header that was copied with its name. Other text stays as it is.
 *
 * @example
 * ```ts
 * import { withoutHeaderName } from 'agent-identity-inspector';
 *
 * withoutHeaderName('Authorization: AgentAssertion eyJ…'); // 'AgentAssertion eyJ…'
 * ```
 */
export function withoutHeaderName(text: string): string {
  return text.replace(/^(?:authorization|x-openai-agent-assertion)\s*:\s*/i, '');
}
