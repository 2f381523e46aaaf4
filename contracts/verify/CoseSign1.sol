// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {CborReader} from "./CborReader.sol";

/**
 * @title Reader of signed packs
 * @notice Reads and checks a COSE_Sign1 message (RFC 9052) of exactly the profile that Miners sign:
 *
 *     18([ << {1: -47 / -7, 4: bstr .size 20, ? 16: tstr} >>, {? -65537: 0..1}, payload: bstr, signature: bstr .size 64 ])
 *
 * in deterministic CBOR (RFC 8949, 4.2.1): shortest heads, definite lengths, keys in order, nothing after the end.
 * -47 is ES256K (RFC 8812), secp256k1 with SHA-256; -7 is ES256 (RFC 9053), P-256 with SHA-256; s in the lower half of
 * either's order. Key 4 is the signer's address. Key 16 (RFC 9596) is a media type, so printable ASCII. -65537 hints the
 * recovery id and is not signed: it can only help or fail.
 */
library CoseSign1 {
    using CborReader for bytes;

    /// @notice Bytes follow the end of the message.
    error PackTrailing(uint256 offset);
    /// @notice A text that is not printable ASCII.
    error PackTextInvalid(uint256 offset);
    /// @notice s is in the upper half, which would let anyone make a second signature.
    error SignatureHighS(bytes32 s);
    /// @notice The signature is another key's, or of other bytes. `recovered` is zero where no key fits.
    error SignerMismatch(address kid, address recovered);

    /// @dev Half the order of secp256k1.
    uint256 private constant ES256K_S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    /// @dev Half the order of P-256.
    uint256 private constant ES256_S_MAX = P256.N / 2;
    /// @dev No recovery id given: both are tried.
    uint8 private constant NO_HINT = 2;

    /// @dev Parts of a message; `Start` and `End` are offsets into it. The `Encoded` ones begin at the CBOR head.
    /// @param p256 Signed with ES256, else with ES256K.
    struct Message {
        address kid;
        bool p256;
        uint8 hint;
        bytes32 r;
        bytes32 s;
        uint256 protectedEncodedStart;
        uint256 protectedEnd;
        uint256 payloadEncodedStart;
        uint256 payloadStart;
        uint256 payloadEnd;
    }

    /// @notice Checks the signature against the address that the message names; the key is recovered from it.
    /// @dev For ES256 that takes about 400,000 gas a candidate: where the key is known, use `checkKey`.
    /// @param digest From `signedDigest`.
    function checkAddress(Message memory parts, bytes32 digest) internal view {
        address recovered = _recover(parts, digest, parts.hint == NO_HINT ? 0 : parts.hint);
        if (recovered != parts.kid && parts.hint == NO_HINT) recovered = _recover(parts, digest, 1);
        if (recovered != parts.kid || recovered == address(0)) revert SignerMismatch(parts.kid, recovered);
    }

    /// @notice Checks an ES256 signature against a key known to be the one that the message names. The hint, which is not
    /// signed, is of no use then and not looked at.
    function checkKey(Message memory parts, bytes32 digest, bytes32 x, bytes32 y) internal view {
        if (!P256.verify(digest, parts.r, parts.s, x, y)) revert SignerMismatch(parts.kid, address(0));
    }

    /// @notice SHA-256 of Sig_structure (RFC 9052, 4.4): what is signed.
    /// @param externalAad What the signature covers beside the message; the bytes, without a CBOR head.
    function signedDigest(
        bytes calldata message,
        Message memory parts,
        bytes memory externalAad
    ) internal pure returns (bytes32) {
        bytes memory aadHead = CborReader.encodeHead(CborReader.BYTE_STRING, externalAad.length);
        bytes calldata protectedEncoded = message[parts.protectedEncodedStart:parts.protectedEnd];
        bytes calldata payloadEncoded = message[parts.payloadEncodedStart:parts.payloadEnd];
        return
            sha256(abi.encodePacked(hex"846a", "Signature1", protectedEncoded, aadHead, externalAad, payloadEncoded));
    }

    /// @notice Reads a message; the signature is looked at as far as that s is low.
    function parse(bytes calldata message) internal pure returns (Message memory parts) {
        uint256 offset = message.expect(0, hex"d284");
        uint256 length;
        parts.protectedEncodedStart = offset;
        (offset, length) = message.head(offset, CborReader.BYTE_STRING);
        message.slice(offset, length);
        parts.protectedEnd = offset + length;
        (parts.kid, parts.p256) = _protected(message[:parts.protectedEnd], offset);
        (offset, parts.hint) = _unprotected(message, parts.protectedEnd);
        parts.payloadEncodedStart = offset;
        (offset, length) = message.head(offset, CborReader.BYTE_STRING);
        message.slice(offset, length);
        parts.payloadStart = offset;
        parts.payloadEnd = offset + length;
        offset = message.expect(parts.payloadEnd, hex"5840");
        bytes calldata signature = message.slice(offset, 64);
        (parts.r, parts.s) = (bytes32(signature[:32]), bytes32(signature[32:]));
        if (message.length != offset + 64) revert PackTrailing(offset + 64);
        if (uint256(parts.s) > (parts.p256 ? ES256_S_MAX : ES256K_S_MAX)) revert SignatureHighS(parts.s);
    }

    /// @return Zero where no key fits.
    function _recover(Message memory parts, bytes32 digest, uint8 candidate) private view returns (address) {
        if (!parts.p256) return ecrecover(digest, 27 + candidate, parts.r, parts.s);
        (bytes32 x, bytes32 y) = P256.recovery(digest, candidate, parts.r, parts.s);
        if (x == 0) return address(0);
        return address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }

    /// @dev {1: alg, 4: kid, ? 16: text}, filling the rest of `message` from `offset` on.
    function _protected(bytes calldata message, uint256 offset) private pure returns (address kid, bool p256) {
        bool typed = message.length > offset && message[offset] == 0xa3;
        p256 = message.length > offset + 2 && message[offset + 2] == 0x26;
        bytes memory algorithm = p256 ? bytes(hex"26") : bytes(hex"382e");
        offset = message.expect(offset, abi.encodePacked(typed ? hex"a301" : hex"a201", algorithm, hex"0454"));
        kid = address(bytes20(message.slice(offset, 20)));
        offset += 20;
        if (typed) {
            uint256 length;
            (offset, length) = message.head(message.expect(offset, hex"10"), CborReader.TEXT_STRING);
            bytes calldata text = message.slice(offset, length);
            for (uint256 i = 0; i < length; ++i) {
                if (text[i] < 0x20 || text[i] > 0x7e) revert PackTextInvalid(offset + i);
            }
            offset += length;
        }
        if (message.length != offset) revert PackTrailing(offset);
    }

    /// @dev {} or {-65537: 0..1}.
    function _unprotected(bytes calldata message, uint256 offset) private pure returns (uint256 next, uint8 hint) {
        if (message.slice(offset, 1)[0] == 0xa0) return (offset + 1, NO_HINT);
        next = message.expect(offset, hex"a13a00010000");
        hint = uint8(message.slice(next, 1)[0]);
        if (hint > 1) revert CborReader.PackUnexpected(next, hex"01", abi.encodePacked(hint));
        ++next;
    }
}
