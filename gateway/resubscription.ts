// What a client says on a new connection: where it stands in the streams of which nothing may be left out, in as many
// messages as that takes, and then everything that it wants. Runs in browsers, too.
import type { ResumeRequest, SubscribeRequest } from './protocol.ts';
import type { StreamContinuity } from './stream-continuity.ts';
import type { WantedStreams } from './wanted-streams.ts';

/** Streams of one message; the server takes no more. */
const POSITIONS_MAX = 4096;
/** What a position takes in a message besides the stream's key. */
const POSITION_BYTES = 24;

export interface ResubscriptionOptions {
  readonly wanted: WantedStreams;
  readonly continuity: StreamContinuity;
  /** The numbering that the last connection had; '' where there was none. */
  readonly epoch: string;
  readonly messageBytesMax: number;
  readonly nextId: () => number;
}

export interface Resubscription {
  /** The numbering that the positions count in; '' where there is nothing to go on with. */
  readonly epoch: string;
  readonly positions: readonly ResumeRequest[];
  readonly requests: readonly SubscribeRequest[];
}

export function resubscription(options: ResubscriptionOptions): Resubscription {
  const { wanted, continuity, epoch, messageBytesMax, nextId } = options;
  const resumedEpoch = continuity.epoch === '' ? epoch : continuity.epoch;
  const requests = wanted.selections(messageBytesMax / 2).map((selection): SubscribeRequest => {
    const resume = { epoch: resumedEpoch, streams: {} };
    const isResumed = selection.delivery === 'all' && resumedEpoch !== '';
    return {
      type: 'subscribe',
      id: nextId(),
      ...selection,
      ...(epoch === '' ? {} : { epoch }),
      ...(isResumed ? { resume } : {}),
    };
  });
  const isResuming = requests.some(({ resume }) => resume !== undefined);
  return { epoch: resumedEpoch, positions: isResuming ? positionsOf(options, resumedEpoch) : [], requests };
}

function positionsOf(options: ResubscriptionOptions, epoch: string): ResumeRequest[] {
  const { wanted, continuity, messageBytesMax, nextId } = options;
  const messages: ResumeRequest[] = [];
  let streams: Record<string, number> = {};
  let bytesLeft = 0;
  let streamsLeft = 0;
  for (const { stream, seq } of continuity.received()) {
    if (!wanted.isLossless(stream)) continue;
    if (bytesLeft <= 0 || streamsLeft <= 0) {
      streams = {};
      bytesLeft = messageBytesMax / 2;
      streamsLeft = POSITIONS_MAX;
      messages.push({ type: 'resume', id: nextId(), epoch, streams });
    }
    streams[stream] = seq;
    bytesLeft -= stream.length + POSITION_BYTES;
    streamsLeft -= 1;
  }
  return messages;
}
