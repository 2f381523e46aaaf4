// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Reader of signed packs
 * @notice Reads and checks a COSE_Sign1 message (RFC 9052) of exactly the profile that Miners sign:
 *
 *     18([ << {1: -47, 4: bstr .size 20, ? 16: tstr} >>, {? -65537: 0..1}, payload: bstr, signature: bstr .size 64 ])
 *
 * in deterministic CBOR (RFC 8949, 4.2.1): shortest heads, definite lengths, keys in order, nothing after the end.
 * -47 is ES256K (RFC 8812): secp256k1 with SHA-256; s in the lower half. Key 4 is the signer's address. Key 16 (RFC 9596)
 * is a media type, so printable ASCII. -65537 hints the recovery id and is not signed: it can only help or fail.
 */
library CoseSign1 {
    /// @notice The message ends before `length` bytes at `offset`.
    error PackTruncated(uint256 offset, uint256 length);
    /// @notice Bytes follow the end of the message.
    error PackTrailing(uint256 offset);
    /// @notice Bytes that the profile fixes are other ones.
    error PackUnexpected(uint256 offset, bytes expected, bytes actual);
    /// @notice A head that is not of the expected CBOR major type, or not of definite length.
    error PackTypeUnexpected(uint256 offset, uint8 majorTypeExpected, uint8 head);
    /// @notice A length written in more bytes than it needs.
    error PackNotDeterministic(uint256 offset);
    /// @notice A text that is not printable ASCII.
    error PackTextInvalid(uint256 offset);
    /// @notice s is in the upper half, which would let anyone make a second signature.
    error SignatureHighS(bytes32 s);
    /// @notice The signature is another key's, or of other bytes. `recovered` is zero where no key fits.
    error SignerMismatch(address kid, address recovered);

    uint8 private constant BYTE_STRING = 2;
    uint8 private constant TEXT_STRING = 3;
    /// @dev Half the order of secp256k1.
    uint256 private constant S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    /// @dev No recovery id given: both are tried.
    uint8 private constant NO_HINT = 2;

    /// @dev Where the parts stand; `Encoded` includes the CBOR head.
    struct Message {
        bytes protectedEncoded;
        bytes payloadEncoded;
        bytes payload;
        address kid;
        uint8 hint;
        bytes32 r;
        bytes32 s;
    }

    /**
     * @notice Checks a message and its signature.
     * @param message The whole message, tag included.
     * @param externalAad What the signature covers beside the message; the bytes, without a CBOR head.
     * @return kid Address of the key that signed.
     * @return payload The signed bytes.
     */
    function verify(
        bytes calldata message,
        bytes memory externalAad
    ) internal pure returns (address kid, bytes memory payload) {
        Message memory parts = parse(message);
        if (uint256(parts.s) > S_MAX) revert SignatureHighS(parts.s);
        bytes32 digest = signedDigest(parts.protectedEncoded, externalAad, parts.payloadEncoded);
        address recovered = ecrecover(digest, parts.hint == NO_HINT ? 27 : 27 + parts.hint, parts.r, parts.s);
        if (recovered != parts.kid && parts.hint == NO_HINT) recovered = ecrecover(digest, 28, parts.r, parts.s);
        if (recovered != parts.kid || recovered == address(0)) revert SignerMismatch(parts.kid, recovered);
        return (parts.kid, parts.payload);
    }

    /// @notice SHA-256 of Sig_structure (RFC 9052, 4.4).
    function signedDigest(
        bytes memory protectedEncoded,
        bytes memory externalAad,
        bytes memory payloadEncoded
    ) internal pure returns (bytes32) {
        bytes memory aadHead = encodeHead(BYTE_STRING, externalAad.length);
        return
            sha256(abi.encodePacked(hex"846a", "Signature1", protectedEncoded, aadHead, externalAad, payloadEncoded));
    }

    /// @notice Reads a message without looking at its signature.
    function parse(bytes calldata message) internal pure returns (Message memory parts) {
        uint256 offset = _expect(message, 0, hex"d284");
        uint256 start = offset;
        uint256 length;
        (offset, length) = _head(message, offset, BYTE_STRING);
        uint256 end = offset + length;
        _slice(message, offset, length);
        parts.kid = _protected(message[:end], offset);
        parts.protectedEncoded = message[start:end];
        (offset, parts.hint) = _unprotected(message, end);
        start = offset;
        (offset, length) = _head(message, offset, BYTE_STRING);
        parts.payload = _slice(message, offset, length);
        offset += length;
        parts.payloadEncoded = message[start:offset];
        offset = _expect(message, offset, hex"5840");
        bytes calldata signature = _slice(message, offset, 64);
        (parts.r, parts.s) = (bytes32(signature[:32]), bytes32(signature[32:]));
        if (message.length != offset + 64) revert PackTrailing(offset + 64);
    }

    /// @notice Deterministic CBOR head: the shortest form of a value of a major type.
    function encodeHead(uint8 majorType, uint256 value) internal pure returns (bytes memory) {
        uint8 type_ = majorType << 5;
        if (value < 24) return abi.encodePacked(type_ | uint8(value));
        if (value <= type(uint8).max) return abi.encodePacked(type_ | 24, uint8(value));
        if (value <= type(uint16).max) return abi.encodePacked(type_ | 25, uint16(value));
        if (value <= type(uint32).max) return abi.encodePacked(type_ | 26, uint32(value));
        return abi.encodePacked(type_ | 27, uint64(value));
    }

    /// @dev {1: -47, 4: kid, ? 16: text}, filling the rest of `message` from `offset` on.
    function _protected(bytes calldata message, uint256 offset) private pure returns (address kid) {
        bool typed = message.length > offset && message[offset] == 0xa3;
        offset = _expect(message, offset, typed ? bytes(hex"a301382e0454") : bytes(hex"a201382e0454"));
        kid = address(bytes20(_slice(message, offset, 20)));
        offset += 20;
        if (typed) {
            uint256 length;
            (offset, length) = _head(message, _expect(message, offset, hex"10"), TEXT_STRING);
            bytes calldata text = _slice(message, offset, length);
            for (uint256 i = 0; i < length; ++i) {
                if (text[i] < 0x20 || text[i] > 0x7e) revert PackTextInvalid(offset + i);
            }
            offset += length;
        }
        if (message.length != offset) revert PackTrailing(offset);
    }

    /// @dev {} or {-65537: 0..1}.
    function _unprotected(bytes calldata message, uint256 offset) private pure returns (uint256 next, uint8 hint) {
        if (_slice(message, offset, 1)[0] == 0xa0) return (offset + 1, NO_HINT);
        next = _expect(message, offset, hex"a13a00010000");
        hint = uint8(_slice(message, next, 1)[0]);
        if (hint > 1) revert PackUnexpected(next, hex"01", abi.encodePacked(hint));
        ++next;
    }

    function _head(
        bytes calldata message,
        uint256 offset,
        uint8 majorType
    ) private pure returns (uint256 next, uint256 length) {
        uint8 head = uint8(_slice(message, offset, 1)[0]);
        uint8 info = head & 31;
        if (head >> 5 != majorType || info > 27) revert PackTypeUnexpected(offset, majorType, head);
        next = offset + 1;
        if (info < 24) return (next, info);
        uint256 size = 1 << (info - 24);
        length = uint256(bytes32(_slice(message, next, size))) >> (256 - 8 * size);
        next += size;
        // The shortest form never holds what a form of half its size could.
        uint256 least = size == 1 ? 24 : 1 << (4 * size);
        if (length < least) revert PackNotDeterministic(offset);
    }

    function _expect(bytes calldata message, uint256 offset, bytes memory expected) private pure returns (uint256) {
        bytes calldata actual = _slice(message, offset, expected.length);
        if (keccak256(actual) != keccak256(expected)) revert PackUnexpected(offset, expected, actual);
        return offset + expected.length;
    }

    function _slice(bytes calldata message, uint256 offset, uint256 length) private pure returns (bytes calldata) {
        if (message.length < offset || message.length - offset < length) revert PackTruncated(offset, length);
        return message[offset:offset + length];
    }
}
