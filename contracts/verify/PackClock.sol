// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CborReader} from "./CborReader.sol";
import {IPackVerifier} from "./IPackVerifier.sol";

/**
 * @title The wall clock in a pack's body
 * @notice Field 7 of the body, [unix-ms, source, uncertainty-ms], as docs/pack.cddl has it. The fields before it are passed
 * over, those after it not looked at: who needs the whole body valid reads it off chain.
 */
library PackClock {
    using CborReader for bytes;

    uint256 private constant CLOCK_FIELD = 7;
    /// @dev 0 is "none"; 1 to 4 are RTC, network, GNSS and vehicle.
    uint256 private constant SOURCE_MAX = 4;

    /// @notice Fields are numbered upwards, each once.
    error PackFieldUnordered(uint256 offset, uint256 field);

    /// @param body A pack's signed payload; offsets in errors count from its beginning.
    function read(bytes calldata body) internal pure returns (IPackVerifier.Clock memory clock) {
        (uint256 offset, uint256 fieldCount) = body.head(0, CborReader.MAP);
        // Field 1 is the schema's version, 1: another one could mean something else by 7.
        offset = body.expect(offset, hex"0101");
        uint256 fieldBefore = 1;
        for (uint256 i = 1; i < fieldCount; ++i) {
            (uint256 valueAt, uint256 field) = body.head(offset, CborReader.UNSIGNED);
            if (field <= fieldBefore) revert PackFieldUnordered(offset, field);
            if (field == CLOCK_FIELD) return _clock(body, valueAt);
            if (field > CLOCK_FIELD) break;
            offset = body.skip(valueAt);
            fieldBefore = field;
        }
        revert IPackVerifier.PackClockMissing();
    }

    function _clock(bytes calldata body, uint256 offset) private pure returns (IPackVerifier.Clock memory clock) {
        offset = body.expect(offset, hex"83");
        uint256 source;
        (offset, clock.unixMs) = body.head(offset, CborReader.UNSIGNED);
        (offset, source) = body.head(offset, CborReader.UNSIGNED);
        (offset, clock.uncertaintyMs) = body.head(offset, CborReader.UNSIGNED);
        if (source == 0 || source > SOURCE_MAX) revert IPackVerifier.PackClockSourceRefused(source);
        clock.source = uint8(source);
    }
}
