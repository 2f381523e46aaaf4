/** Asks for a secret on the terminal, without showing it. */
import { toolError } from '../errors/index.ts';

const [interrupt, endOfInput, backspace, del] = ['\x03', '\x04', '\b', '\x7f'];

/**
 * Waits for a line that is typed and not shown; Ctrl-C gives up.
 * @throws {MinerError} KEY_PASSWORD_NONE when there is no terminal to ask on; INTERRUPTED
 */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw toolError('KEY_PASSWORD_NONE', { question });
  // First, so that what is typed at the question's sight is not shown.
  stdin.setRawMode(true).setEncoding('utf8').resume();
  stderr.write(question);
  return new Promise((resolve, reject) => {
    let line = '';
    const finish = (settle: () => void) => {
      stdin.off('data', onData).setRawMode(false).pause();
      stderr.write('\n');
      settle();
    };
    // What is pasted comes as one chunk.
    const onData = (chunk: string) => {
      for (const char of chunk) {
        if (char === interrupt) return finish(() => reject(toolError('INTERRUPTED', {})));
        if (char === '\r' || char === '\n' || char === endOfInput) return finish(() => resolve(line));
        line = char === backspace || char === del ? line.slice(0, -1) : line + char;
      }
    };
    stdin.on('data', onData);
  });
}
