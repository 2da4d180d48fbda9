/**
 * The allow-list for clients of the Responses API at a base URL: create a response, also over a WebSocket, compact a
 * conversation, list the models.
 *
 * @example
 * ```ts
 * import { responsesRules } from 'agent-identity-broker/run';
 *
 * responsesRules('https://api.example.com/v1'); // ['POST /v1/responses', …]
 * ```
 */
export function responsesRules(baseUrl: string): string[] {
  const path = new URL(baseUrl).pathname.replace(/\/$/, '');
  const rules = ['POST /responses', 'POST /responses/compact', 'GET /models', 'WEBSOCKET /responses'];
  return rules.map((rule) => rule.replace(' ', ` ${path}`));
}
