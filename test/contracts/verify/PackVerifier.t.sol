// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Packs: the one profile is accepted, and nothing that differs from it by a bit.

import {CborReader} from "../../../contracts/verify/CborReader.sol";
import {CoseSign1} from "../../../contracts/verify/CoseSign1.sol";
import {IPackVerifier} from "../../../contracts/verify/IPackVerifier.sol";
import {PackVerifier} from "../../../contracts/verify/PackVerifier.sol";
import {IMinerRegistry} from "../../../contracts/registry/IMinerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract PackVerifierTest is RegistryBase {
    PackVerifier private verifier;
    uint256 private licence;
    bytes private constant PAYLOAD = hex"a2010102182a";

    function setUp() public override {
        super.setUp();
        verifier = new PackVerifier(address(miners));
        licence = _licence();
        IMinerRegistry.Enrolment memory e = IMinerRegistry.Enrolment(device, licence, "AP-1", OWNER, 0, START);
        bytes32 structHash = keccak256(abi.encode(miners.ENROLMENT_TYPEHASH(), e));
        bytes32 digest = _typed("DIMO MinerRegistry", address(miners), structHash);
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(DEVICE_KEY, digest));
    }

    function test_external_aad_is_version_chain_and_registry() public {
        bytes memory expected = abi.encodePacked(hex"8301", hex"197a69", hex"54", address(miners));
        vm.chainId(31337);
        _eq("31337", keccak256(verifier.externalAad()), keccak256(expected));
        vm.chainId(1);
        expected = abi.encodePacked(hex"830101", hex"54", address(miners));
        _eq("1", keccak256(verifier.externalAad()), keccak256(expected));
        vm.chainId(137);
        expected = abi.encodePacked(hex"83011889", hex"54", address(miners));
        _eq("137", keccak256(verifier.externalAad()), keccak256(expected));
    }

    function test_heads_are_the_shortest() public pure {
        uint40[9] memory values = [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296];
        bytes[9] memory heads = [
            bytes(hex"40"),
            hex"57",
            hex"5818",
            hex"58ff",
            hex"590100",
            hex"59ffff",
            hex"5a00010000",
            hex"5affffffff",
            hex"5b0000000100000000"
        ];
        for (uint256 i = 0; i < 9; ++i) {
            _eq("head", keccak256(CborReader.encodeHead(2, values[i])), keccak256(heads[i]));
        }
    }

    function test_a_pack_verifies_with_a_hint_without_one_and_with_a_type() public view {
        bytes[3] memory packs = [
            _pack(DEVICE_KEY, device, PAYLOAD, "", true),
            _pack(DEVICE_KEY, device, PAYLOAD, "", false),
            _pack(DEVICE_KEY, device, PAYLOAD, "application/dimo-pack+cbor", false)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            (address signer, bytes32 payloadHash) = verifier.verify(packs[i]);
            _eq("signer", signer, device);
            _eq("payload", payloadHash, sha256(PAYLOAD));
        }
    }

    function testFuzz_any_payload_and_key(bytes memory payload, uint256 key, bool hinted) public {
        key = 1 + (key % (ORDER - 1));
        bytes memory pack = _pack(key, vm.addr(key), payload, "", hinted);
        (address signer, bytes32 payloadHash) = verifier.recover(pack, verifier.externalAad());
        _eq("signer", signer, vm.addr(key));
        _eq("payload", payloadHash, sha256(payload));
        if (signer == device) return;
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, signer, 0));
        verifier.verify(pack);
    }

    function test_payloads_of_every_head_size() public view {
        uint24[6] memory lengths = [0, 23, 24, 255, 256, 65_536];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory payload = new bytes(lengths[i]);
            (, bytes32 payloadHash) = verifier.verify(_pack(DEVICE_KEY, device, payload, "", true));
            _eq("payload", payloadHash, sha256(payload));
        }
    }

    /// Each single bit of a pack, and each length it can be cut to, in turn.
    function test_any_flipped_bit_and_any_cut_is_refused() public view {
        bytes memory pack = _pack(DEVICE_KEY, device, PAYLOAD, "a/b", true);
        for (uint256 bit = 0; bit < 8 * pack.length; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            pack[bit / 8] ^= mask;
            (bool passed, ) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (pack)));
            _eq("bit", passed, false);
            pack[bit / 8] ^= mask;
        }
        for (uint256 length = 0; length < pack.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = pack[i];
            (bool passed, bytes memory reason) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (cut)));
            _eq("cut", passed, false);
            _eq("reason", bytes32(bytes4(reason)), bytes32(CborReader.PackTruncated.selector));
        }
    }

    /// Forms that other readers take for the same message.
    function test_forms_outside_the_profile() public {
        bytes memory kid = abi.encodePacked(device);
        bytes memory protected_ = bytes.concat(hex"581a", hex"a201382e0454", kid);
        bytes memory tail = bytes.concat(hex"5840", new bytes(64));
        _refuse(
            bytes.concat(hex"84", protected_, hex"a04100", tail),
            abi.encodeWithSelector(CborReader.PackUnexpected.selector, 0, hex"d284", hex"8458")
        );
        _refuse(
            bytes.concat(hex"d285", protected_, hex"a04100", tail),
            abi.encodeWithSelector(CborReader.PackUnexpected.selector, 0, hex"d284", hex"d285")
        );
        // Keys in another order; another algorithm.
        bytes memory fixed_ = hex"a201382e0454";
        bytes memory swapped = bytes.concat(hex"d284581a", hex"a20454", kid, hex"01382e", hex"a04100", tail);
        _refuse(swapped, abi.encodeWithSelector(CborReader.PackUnexpected.selector, 4, fixed_, ""), 4);
        bytes memory es384 = bytes.concat(hex"d284581a", hex"a20138220454", kid, hex"a04100", tail);
        _refuse(es384, abi.encodeWithSelector(CborReader.PackUnexpected.selector, 4, fixed_, ""), 4);
        // A length in more bytes than it needs, for the protected header and for the payload.
        _refuse(
            bytes.concat(hex"d28459001a", hex"a201382e0454", kid, hex"a04100", tail),
            abi.encodeWithSelector(CborReader.PackNotDeterministic.selector, 2)
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a0580100", tail),
            abi.encodeWithSelector(CborReader.PackNotDeterministic.selector, 31)
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a05817", new bytes(23), tail),
            abi.encodeWithSelector(CborReader.PackNotDeterministic.selector, 31)
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a05900ff", new bytes(255), tail),
            abi.encodeWithSelector(CborReader.PackNotDeterministic.selector, 31)
        );
        // Indefinite length, null payload, text payload.
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a05f4100ff", tail),
            abi.encodeWithSelector(CborReader.PackTypeUnexpected.selector, 31, 2, 0x5f)
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a0f6", tail),
            abi.encodeWithSelector(CborReader.PackTypeUnexpected.selector, 31, 2, 0xf6)
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a06161", tail),
            abi.encodeWithSelector(CborReader.PackTypeUnexpected.selector, 31, 2, 0x61)
        );
        // A hint that is none, something behind the end, a text with a line feed, bytes behind the protected map.
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a13a00010000024100", tail),
            abi.encodeWithSelector(CborReader.PackUnexpected.selector, 36, hex"01", hex"02")
        );
        _refuse(
            bytes.concat(hex"d284", protected_, hex"a04100", tail, hex"00"),
            abi.encodeWithSelector(CoseSign1.PackTrailing.selector, 99)
        );
        _refuse(
            bytes.concat(hex"d284581d", hex"a301382e0454", kid, hex"10610a", hex"a04100", tail),
            abi.encodeWithSelector(CoseSign1.PackTextInvalid.selector, 32)
        );
        _refuse(
            bytes.concat(hex"d284581d", hex"a301382e0454", kid, hex"10617f", hex"a04100", tail),
            abi.encodeWithSelector(CoseSign1.PackTextInvalid.selector, 32)
        );
        _refuse(
            bytes.concat(hex"d284581b", hex"a201382e0454", kid, hex"00", hex"a04100", tail),
            abi.encodeWithSelector(CoseSign1.PackTrailing.selector, 30)
        );
        _refuse("", abi.encodeWithSelector(CborReader.PackTruncated.selector, 0, 2));
    }

    function test_attack_high_s() public {
        bytes memory pack = _pack(DEVICE_KEY, device, PAYLOAD, "", false);
        bytes32 s;
        assembly {
            s := mload(add(pack, mload(pack)))
            s := sub(ORDER, s)
            mstore(add(pack, mload(pack)), s)
        }
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignatureHighS.selector, s));
        verifier.verify(pack);
    }

    function test_s_ends_at_half_the_order() public {
        bytes memory pack = _pack(DEVICE_KEY, device, PAYLOAD, "", false);
        uint256 half = ORDER / 2;
        assembly {
            mstore(add(pack, mload(pack)), add(half, 1))
        }
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignatureHighS.selector, half + 1));
        verifier.verify(pack);
        assembly {
            mstore(add(pack, mload(pack)), half)
        }
        (bool passed, bytes memory reason) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (pack)));
        _eq("half itself is another key's", passed, false);
        _eq("reason", bytes32(bytes4(reason)), bytes32(CoseSign1.SignerMismatch.selector));
    }

    function test_attack_another_key_under_the_devices_kid() public {
        bytes memory pack = _pack(MAKER_KEY, device, PAYLOAD, "", true);
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, device, maker));
        verifier.verify(pack);
    }

    function test_attack_replay_on_another_chain_or_registry() public {
        bytes memory pack = _pack(DEVICE_KEY, device, PAYLOAD, "", true);
        PackVerifier other = new PackVerifier(address(manufacturers));
        vm.expectRevert();
        other.verify(pack);
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        verifier.verify(pack);
    }

    function test_attack_zero_signature_of_kid_zero() public {
        // ecrecover answers zero for an invalid signature, which must not pass for the zero address.
        bytes memory message = bytes.concat(hex"d284581aa201382e0454", new bytes(20), hex"a041005840", new bytes(64));
        _refuse(message, abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, address(0), address(0)));
    }

    function test_a_suspended_licence_and_a_retired_device_are_refused() public {
        bytes memory pack = _pack(DEVICE_KEY, device, PAYLOAD, "", true);
        vm.warp(START + 1 days);
        manufacturers.suspend(licence, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 1));
        verifier.verify(pack);
        verifier.verifyAt(pack, uint48(START));
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 1));
        verifier.verifyAt(pack, uint48(START + 1 days));
        manufacturers.reinstate(licence);
        verifier.verify(pack);
        miners.retire(device, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, device, 2));
        verifier.verify(pack);
    }

    /// Anything at all: our own error or a pack, never a panic.
    function testFuzz_noise_never_panics(bytes memory noise) public view {
        (bool passed, bytes memory reason) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (noise)));
        _eq("passed", passed, false);
        _eq("panic", bytes4(reason) == bytes4(0x4e487b71), false);
    }

    function _refuse(bytes memory message, bytes memory reason) private {
        vm.expectRevert(reason);
        verifier.recover(message, "");
    }

    /// @dev With the six bytes at `offset` of the message as what was read.
    function _refuse(bytes memory message, bytes memory reason, uint256 offset) private {
        bytes memory actual = new bytes(6);
        for (uint256 i = 0; i < 6; ++i) actual[i] = message[offset + i];
        bytes memory rest = new bytes(reason.length - 4);
        for (uint256 i = 0; i < rest.length; ++i) rest[i] = reason[i + 4];
        (uint256 where, bytes memory expected, ) = abi.decode(rest, (uint256, bytes, bytes));
        _refuse(message, abi.encodeWithSelector(CborReader.PackUnexpected.selector, where, expected, actual));
    }

    /// @dev Written from the profile, not with the library under test.
    function _pack(
        uint256 key,
        address kid,
        bytes memory payload,
        string memory typ,
        bool hinted
    ) private view returns (bytes memory) {
        bytes memory protected_ = abi.encodePacked(hex"a201382e0454", kid);
        if (bytes(typ).length != 0) {
            bytes memory head =
                bytes(typ).length < 24
                    ? abi.encodePacked(uint8(0x60 + bytes(typ).length))
                    : abi.encodePacked(hex"78", uint8(bytes(typ).length));
            protected_ = abi.encodePacked(hex"a301382e0454", kid, hex"10", head, typ);
        }
        protected_ = abi.encodePacked(hex"58", uint8(protected_.length), protected_);
        bytes memory payloadHead =
            payload.length < 24
                ? abi.encodePacked(uint8(0x40 + payload.length))
                : payload.length < 256
                    ? abi.encodePacked(hex"58", uint8(payload.length))
                    : payload.length < 65_536
                        ? abi.encodePacked(hex"59", uint16(payload.length))
                        : abi.encodePacked(hex"5a", uint32(payload.length));
        bytes memory aad = verifier.externalAad();
        bytes memory signed = abi.encodePacked(
            hex"846a5369676e617475726531",
            protected_,
            hex"58",
            uint8(aad.length),
            aad,
            payloadHead,
            payload
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, sha256(signed));
        bytes memory unprotected = hinted ? abi.encodePacked(hex"a13a00010000", v - 27) : bytes(hex"a0");
        return abi.encodePacked(hex"d284", protected_, unprotected, payloadHead, payload, hex"5840", r, s);
    }
}
