import { randomUUID } from 'node:crypto';

/** A finished answer of the Responses API with one message of one text. */
export interface ModelResponse {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly status: 'completed';
  readonly model: string;
  readonly output: readonly OutputMessage[];
  readonly usage: Usage;
}

interface OutputMessage {
  readonly type: 'message';
  readonly id: string;
  readonly status: 'completed';
  readonly role: 'assistant';
  readonly content: readonly OutputText[];
}

interface OutputText {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly never[];
}

interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** An event of the stream; `sequence_number` counts from 0. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
}

export function completedResponse(model: string, text: string): ModelResponse {
  const content: OutputText = { type: 'output_text', text, annotations: [] };
  return {
    id: `resp_${randomUUID()}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'completed',
    model,
    output: [
      {
        type: 'message',
        id: `msg_${randomUUID()}`,
        status: 'completed',
        role: 'assistant',
        content: [content],
      },
    ],
    usage: usageOf(text),
  };
}

/** The events by which that answer is streamed, in the order of the Responses API. */
export function responseEvents(response: ModelResponse): ResponseEvent[] {
  const [item] = response.output;
  const part = item?.content[0];
  const started = { ...response, status: 'in_progress', output: [], usage: null };
  const at = { item_id: item?.id, output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...words(part?.text ?? '').map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text: part?.text },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

/** A shorter conversation in place of a long one; the content is opaque to clients. */
export function compaction(input: unknown): object {
  const text = JSON.stringify(input ?? []);
  return {
    id: `resp_${randomUUID()}`,
    object: 'response.compaction',
    created_at: Math.floor(Date.now() / 1000),
    output: [
      {
        type: 'compaction',
        id: `cmp_${randomUUID()}`,
        encrypted_content: Buffer.from(text).toString('base64'),
      },
    ],
    usage: usageOf(text),
  };
}

function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}

function usageOf(text: string): Usage {
  const count = words(text).length;
  return { input_tokens: count, output_tokens: count, total_tokens: 2 * count };
}
