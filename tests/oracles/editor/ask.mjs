// What an editor shows of YAML documents: asks yaml-language-server, as editors do.
//
//   node ask.mjs SERVER_MODULE < questions.json > answers.json
//
// A question: {"text": "…", "folder": "/…", "line": 3, "character": 10}, of a document in a folder. Its answer: the
// `problems` of the document, what can be `completed` there, and what is said `hovered` there.
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';

const questions = JSON.parse(readFileSync(0, 'utf8'));
const server = spawn(process.execPath, [process.argv[2], '--stdio']);
server.stderr.pipe(process.stderr);

const waiting = new Map();
const problems = new Map();
let received = Buffer.alloc(0);
let last = 0;

function send(message) {
  const body = Buffer.from(JSON.stringify({jsonrpc: '2.0', ...message}));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}

function ask(method, params) {
  const id = ++last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    send({id, method, params});
  });
}

function take(message) {
  if (message.method === 'textDocument/publishDiagnostics') {
    problems.get(message.params.uri)?.(message.params.diagnostics);
  } else if (message.method && message.id !== undefined) {
    // The server asks for settings, and to watch files: nothing of the kind here.
    const items = message.params?.items ?? [];
    send({id: message.id, result: message.method === 'workspace/configuration' ? items.map(settings) : null});
  } else if (waiting.has(message.id)) {
    waiting.get(message.id)(message.result);
    waiting.delete(message.id);
  }
}

function settings({section}) {
  const yaml = {validate: true, completion: true, hover: true, schemaStore: {enable: false}};
  return section === 'yaml' ? yaml : {};
}

server.stdout.on('data', (chunk) => {
  received = Buffer.concat([received, chunk]);
  for (;;) {
    const end = received.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/.exec(received.toString('latin1', 0, end))?.[1]);
    if (end < 0 || received.length < end + 4 + length) {
      return;
    }
    take(JSON.parse(received.toString('utf8', end + 4, end + 4 + length)));
    received = received.subarray(end + 4 + length);
  }
});

async function answer({text, folder, line, character}, index) {
  const uri = pathToFileURL(`${folder}/${index}.yaml`).href;
  const told = new Promise((resolve) => problems.set(uri, resolve));
  send({
    method: 'textDocument/didOpen',
    params: {textDocument: {uri, languageId: 'yaml', version: 1, text}},
  });
  const place = {textDocument: {uri}, position: {line, character}};
  const completed = await ask('textDocument/completion', place);
  const hovered = await ask('textDocument/hover', place);
  const found = await told;
  send({method: 'textDocument/didClose', params: {textDocument: {uri}}});
  return {
    problems: found.map((one) => ({line: one.range.start.line, message: one.message})),
    completed: (completed?.items ?? []).map((item) => ({
      label: item.label,
      about: item.documentation?.value ?? item.documentation ?? '',
    })),
    hovered: hovered?.contents?.value ?? '',
  };
}

await ask('initialize', {
  processId: process.pid,
  rootUri: null,
  capabilities: {
    textDocument: {
      completion: {completionItem: {documentationFormat: ['markdown'], snippetSupport: true}},
      hover: {contentFormat: ['markdown']},
    },
    workspace: {configuration: true},
  },
});
send({method: 'initialized', params: {}});
send({method: 'workspace/didChangeConfiguration', params: {settings: {yaml: settings({section: 'yaml'})}}});
const answers = [];
for (const [index, question] of questions.entries()) {
  answers.push(await answer(question, index));
}
process.stdout.write(JSON.stringify(answers), () => {
  server.kill();
  process.exit(0);
});
