import type { Answer, Reply } from './loopback-server.js';

/** A model that echoes, and that calls the tool `add` where there is one. */
export const responsesApi: Answer = ({ path, body }) => {
  const { input, stream, tools } = JSON.parse(body);
  if (path === '/v1/responses/compact')
    return { body: { ...envelope('response.compaction'), output: [compaction] } };
  if (path !== '/v1/responses') return { status: 404 };
  const output = outputFor(JSON.stringify(input), tools !== undefined);
  const response = { ...envelope('response'), output: [output] };
  return stream === true ? sse(eventsOf(response, output)) : { body: response };
};

const usage = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 1,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 2,
};
const compaction = { type: 'compaction', id: 'cmp_1', encrypted_content: 'opaque' };

function envelope(object: string): object {
  return {
    id: 'resp_1',
    object,
    created_at: 1,
    status: 'completed',
    model: 'echo',
    usage,
    tools: [],
    error: null,
  };
}

function outputFor(input: string, hasTools: boolean): object {
  const result = /"type":"function_call_output".*"output":"?(\d+)/.exec(input)?.[1];
  if (hasTools && result === undefined) {
    const call = { name: 'add', arguments: '{"a":2,"b":3}' };
    return { type: 'function_call', id: 'fc_1', call_id: 'call_1', status: 'completed', ...call };
  }
  const text = result === undefined ? 'you said hello' : `the sum is ${result}`;
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content };
}

function eventsOf(response: object, item: object): object[] {
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const text = JSON.stringify(item).match(/"text":"([^"]*)"/)?.[1] ?? '';
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    ...(text.match(/\S+\s*/g) ?? []).map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ];
}

function sse(events: object[]): Reply {
  const lines = events.map((event, i) => {
    const data = { ...event, sequence_number: i };
    return `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  return { headers: { 'content-type': 'text/event-stream' }, body: lines.join('') };
}
