/** Stands between a command and a chain, and fails as networks and nodes do: before a question, or after it was taken. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One question of JSON-RPC. */
export interface Question {
  method: string;
  params: unknown[];
}

export interface Failing {
  /** `before`: the chain never hears of it; `after`: it does, and the answer is lost; `silently`: nobody ever answers. */
  lose?: 'before' | 'after' | 'silently';
  /** What is answered instead. */
  result?: (honest: unknown) => unknown;
}

export interface ChainProxy extends Disposable {
  url: string;
  /** What was asked, in order. */
  asked: string[];
  /** Decides over each question; an honest connection when undefined. */
  fail: ((question: Question, index: number) => Failing | undefined) | undefined;
}

export async function chainProxy(target: string): Promise<ChainProxy> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const question = JSON.parse(body) as Question;
    const failing = proxy.fail?.(question, proxy.asked.length) ?? {};
    proxy.asked.push(question.method);
    if (failing.lose === 'silently') return;
    if (failing.lose === 'before') return request.socket.destroy();
    const answer = await fetch(target, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const text = await answer.text();
    if (failing.lose === 'after') return request.socket.destroy();
    response.setHeader('content-type', 'application/json');
    if (!failing.result) return response.end(text);
    const honest = JSON.parse(text) as { result: unknown };
    response.end(JSON.stringify({ ...honest, result: failing.result(honest.result) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ChainProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    fail: undefined,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return proxy;
}
