import { isAgentIdentityError } from 'agent-identity-core';
import { type Inspection, inspectText } from 'agent-identity-inspector';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Banner } from '../parts/banner.js';
import { TextArea } from '../parts/text-area.js';
import { texts } from '../texts.js';
import { createExample } from './example.js';
import { InspectionView } from './inspection-view.js';
import { type Verdict, verifyPasted } from './verify-pasted.js';

/** Explains what the user pastes. Nothing leaves the page. */
export function InspectorPage(): JSX.Element {
  const [text, setText] = useState('');
  const [key, setKey] = useState('');
  const result = useResult(text.trim(), key.trim());
  const { title, purpose, input, inputHint, key: keyLabel, keyHint, example, clear } = texts.inspector;
  const fill = ({ text, key }: { readonly text: string; readonly key: string }) => {
    setText(text);
    setKey(key);
  };
  return (
    <>
      <Banner />
      <main>
        <h1>{title}</h1>
        <p class="quiet">{purpose}</p>
        <div class="columns">
          <form class="card" onSubmit={(event) => event.preventDefault()}>
            <TextArea label={input} hint={inputHint} value={text} onInput={setText} />
            <TextArea label={keyLabel} hint={keyHint} value={key} onInput={setKey} />
            <div class="buttons">
              <button type="button" class="main" onClick={() => fill(createExample())}>
                {example}
              </button>
              <button type="button" onClick={() => fill({ text: '', key: '' })}>
                {clear}
              </button>
            </div>
          </form>
          <Result result={result} />
        </div>
      </main>
    </>
  );
}

interface InspectionResult {
  readonly inspection?: Inspection;
  readonly verdict?: Verdict | undefined;
}

function Result({ result: { inspection, verdict } }: { readonly result: InspectionResult }): JSX.Element {
  return (
    <div class="notes">
      <p role="status" class={verdict === undefined ? 'quiet' : `note ${verdict.isGood ? 'good' : 'bad'}`}>
        {verdict?.text ?? (inspection === undefined ? texts.inspector.empty : '')}
      </p>
      {inspection && <InspectionView inspection={inspection} />}
    </div>
  );
}

/** Inspects and verifies again after each change. */
function useResult(text: string, key: string): InspectionResult {
  const [result, setResult] = useState<InspectionResult>({});
  useEffect(() => {
    let isCurrent = true;
    inspectAndVerify(text, key).then((next) => isCurrent && setResult(next));
    return () => {
      isCurrent = false;
    };
  }, [text, key]);
  return result;
}

async function inspectAndVerify(text: string, key: string): Promise<InspectionResult> {
  if (text === '') return {};
  const now = Date.now();
  try {
    const inspection = await inspectText(text, now);
    return { inspection, verdict: await verifyPasted(text, key, inspection, now) };
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    return { verdict: { isGood: false, text: error.message } };
  }
}
