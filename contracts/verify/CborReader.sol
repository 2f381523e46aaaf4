// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Reads deterministic CBOR
 * @notice Heads of RFC 8949, section 3, where they are shortest and of definite length (4.2.1); anything else is refused.
 * Offsets count from the beginning of the bytes that are given. Never reads beyond them, and never panics.
 */
library CborReader {
    uint8 internal constant UNSIGNED = 0;
    uint8 internal constant BYTE_STRING = 2;
    uint8 internal constant TEXT_STRING = 3;
    uint8 internal constant ARRAY = 4;
    uint8 internal constant MAP = 5;

    /// @notice The bytes end before `length` ones at `offset`.
    error PackTruncated(uint256 offset, uint256 length);
    /// @notice Bytes that the profile fixes are other ones.
    error PackUnexpected(uint256 offset, bytes expected, bytes actual);
    /// @notice A head that is not of the expected major type, or not of definite length.
    error PackTypeUnexpected(uint256 offset, uint8 majorTypeExpected, uint8 head);
    /// @notice An item that packs don't hold before their clock: a tag, a float, a simple value, an indefinite length.
    error PackItemRefused(uint256 offset, uint8 head);
    /// @notice A length or number written in more bytes than it needs.
    error PackNotDeterministic(uint256 offset);

    /// @dev Additional information beyond this one is reserved, or means an indefinite length.
    uint8 private constant INFO_MAX = 27;

    /// @notice Reads a head of one major type.
    /// @return next Where the item's content begins, or the next item.
    /// @return value Its number, length or count.
    function head(
        bytes calldata message,
        uint256 offset,
        uint8 majorType
    ) internal pure returns (uint256 next, uint256 value) {
        uint8 first = uint8(slice(message, offset, 1)[0]);
        if (first >> 5 != majorType || first & 31 > INFO_MAX) revert PackTypeUnexpected(offset, majorType, first);
        return _argument(message, offset, first & 31);
    }

    /**
     * @notice Passes over one item with all that it holds: integers, strings, arrays and maps.
     * @dev Items still to pass are counted, not stacked, so that no nesting is too deep. Every step takes at least a byte,
     * so gas is bounded by the length, and a count of 2^64 - 1 runs into the end like any other.
     */
    function skip(bytes calldata message, uint256 offset) internal pure returns (uint256) {
        uint256 items = 1;
        while (items != 0) {
            uint8 first = uint8(slice(message, offset, 1)[0]);
            uint8 majorType = first >> 5;
            if (majorType > MAP || first & 31 > INFO_MAX) revert PackItemRefused(offset, first);
            uint256 value;
            (offset, value) = _argument(message, offset, first & 31);
            --items;
            if (majorType == ARRAY) {
                items += value;
            } else if (majorType == MAP) {
                items += 2 * value;
            } else if (majorType == BYTE_STRING || majorType == TEXT_STRING) {
                slice(message, offset, value);
                offset += value;
            }
        }
        return offset;
    }

    /// @notice Makes sure of fixed bytes.
    /// @return Where they end.
    function expect(bytes calldata message, uint256 offset, bytes memory expected) internal pure returns (uint256) {
        bytes calldata actual = slice(message, offset, expected.length);
        if (keccak256(actual) != keccak256(expected)) revert PackUnexpected(offset, expected, actual);
        return offset + expected.length;
    }

    function slice(bytes calldata message, uint256 offset, uint256 length) internal pure returns (bytes calldata) {
        if (message.length < offset || message.length - offset < length) revert PackTruncated(offset, length);
        return message[offset:offset + length];
    }

    /// @notice Writes a head: the shortest form of a value of a major type.
    function encodeHead(uint8 majorType, uint256 value) internal pure returns (bytes memory) {
        uint8 type_ = majorType << 5;
        if (value < 24) return abi.encodePacked(type_ | uint8(value));
        if (value <= type(uint8).max) return abi.encodePacked(type_ | 24, uint8(value));
        if (value <= type(uint16).max) return abi.encodePacked(type_ | 25, uint16(value));
        if (value <= type(uint32).max) return abi.encodePacked(type_ | 26, uint32(value));
        return abi.encodePacked(type_ | 27, uint64(value));
    }

    function _argument(
        bytes calldata message,
        uint256 offset,
        uint8 info
    ) private pure returns (uint256 next, uint256 value) {
        next = offset + 1;
        if (info < 24) return (next, info);
        uint256 size = 1 << (info - 24);
        value = uint256(bytes32(slice(message, next, size))) >> (256 - 8 * size);
        next += size;
        // The shortest form never holds what a form of half its size could.
        uint256 least = size == 1 ? 24 : 1 << (4 * size);
        if (value < least) revert PackNotDeterministic(offset);
    }
}
