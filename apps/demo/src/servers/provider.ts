import { type AgentDirectory, createAssertionVerifier, type VerifyBearer } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { answer, type ModelRequest } from './echo-model.js';
import { compactionResponse, completedResponse, responseEvents } from './model-responses.js';
import { decompressBody } from './request-body.js';

interface ProviderParts {
  readonly directory: AgentDirectory;
  /** Judges the API keys that come beside an assertion of the second generation. */
  readonly verifyBearer: VerifyBearer;
}

/**
 * Creates a first-party model provider: the Responses API with `/responses` (streamed or not) and `/responses/compact`,
 * for agents that send an assertion of either generation. It takes what the Codex CLI sends by default: zstd bodies, a WebSocket handshake
 * before the first request, and a compaction as an ordinary request.
 */
export function createProvider({ directory, verifyBearer }: ProviderParts) {
  const verifier = createAssertionVerifier({ directory, verifyBearer, generations: [1, 2] });
  return (
    new Hono()
      .basePath('/v1')
      .use(requireAgent(verifier))
      // Tells a client that tries a WebSocket to use HTTP at once (docs/protocol.md section 11).
      .get('/responses', (context) => context.body(null, 426, { Upgrade: 'websocket' }))
      .use(decompressBody)
      .post('/responses', async (context) => {
        const { model = 'echo-1', input, ...request } = await context.req.json<ModelRequest>();
        const agent = context.get('agent');
        const caller = agent.generation === 1 ? agent.taskId : agent.runtimeAgentInstanceId;
        const modelAnswer = answer({ ...request, input }, caller);
        const response = completedResponse({ model, input, answer: modelAnswer });
        if (request.stream !== true) return context.json(response);
        return streamSSE(context, async (stream) => {
          for (const event of responseEvents(response)) {
            await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
          }
        });
      })
      .post('/responses/compact', async (context) => {
        const { model = 'echo-1', input } = await context.req.json<ModelRequest>();
        return context.json(compactionResponse(model, input));
      })
  );
}
