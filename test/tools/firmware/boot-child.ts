/** A Miner that updates itself again and again, until it is killed: 1.0.0, 1.1.0, 1.2.0, 1.0.0... */
import { packHash } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { openMinerFlash, runFirmware } from '../../../tools/firmware/index.ts';
import { firmware, verify } from './boot-images.ts';

const versions = ['1.0.0', '1.1.0', '1.2.0'];

await runFirmware({
  flash: openMinerFlash(process.argv[2]),
  verify,
  clock: liveClock(),
  tell: (event) => process.stdout.write(`${event.event}\n`),
  start({ images, version, isTrial }, reset) {
    const next = firmware(versions[(versions.indexOf(version) + 1) % versions.length]);
    const update = () => {
      const offset = images.uploadBegin({ lengthBytes: next.length, sha256: packHash(next) });
      for (let at = offset; at < next.length; at += 1000) images.writeChunk(at, next.subarray(at, at + 1000));
      images.setPending(images.finishUpload().hash, false);
      reset();
    };
    // On trial nothing can be uploaded; the confirmation comes first.
    if (!isTrial) update();
    else setTimeout(update, 5);
    return { selfTest: () => ({ passed: true }), ended: new Promise(() => {}), stop: () => {} };
  },
});
