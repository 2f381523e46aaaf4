// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Decoders: every state met by every step, the author's consent, and a root that holds exactly the active set.

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IDecoderRegistry as I} from "../../../contracts/registry/IDecoderRegistry.sol";
import {DecoderBase} from "../support/DecoderBase.t.sol";

contract DecoderRegistryTest is DecoderBase {
    uint256 private listed;

    enum State {
        None,
        Listed,
        Deprecated,
        GraceOver,
        Retired,
        Suspended,
        SuspensionOver,
        SuspendedDeprecated,
        SuspendedGraceOver,
        Revoked
    }

    enum Step {
        List,
        Deprecate,
        Retire,
        Suspend,
        Reinstate,
        Revoke,
        Sync
    }

    /// A row per state, a column per step: the letter of the state it leads to (T: Retired), or a dot: refused.
    function _table() private pure returns (string[10] memory table) {
        //                                    list, deprecate, retire, suspend, reinstate, revoke, sync
        table[uint256(State.None)] = "L......";
        table[uint256(State.Listed)] = ".D.S.R.";
        table[uint256(State.Deprecated)] = "..TS.R.";
        table[uint256(State.GraceOver)] = "......T";
        table[uint256(State.Retired)] = ".......";
        table[uint256(State.Suspended)] = "....LR.";
        table[uint256(State.SuspensionOver)] = ".D...RL";
        table[uint256(State.SuspendedDeprecated)] = "....DR.";
        table[uint256(State.SuspendedGraceOver)] = "......T";
        table[uint256(State.Revoked)] = ".......";
    }

    function test_every_step_from_every_state() public {
        string[10] memory table = _table();
        for (uint8 state = 0; state <= uint8(type(State).max); ++state) {
            for (uint8 step = 0; step <= uint8(type(Step).max); ++step) {
                vm.warp(START);
                bytes32 contentHash = _reach(State(state));
                I.DecoderStatus before = decoders.decoderOf(contentHash).status;
                bool passed = _take(Step(step), contentHash);
                bytes1 expected = bytes(table[state])[step];
                string memory what = string.concat("state ", _digits(state), " step ", _digits(step));
                _eq(what, passed, expected != ".");
                I.DecoderStatus afterwards = decoders.decoderOf(contentHash).status;
                if (passed) _eq(what, bytes32(_letter(afterwards)), bytes32(expected));
                else _eq(what, uint256(afterwards), uint256(before));
                if (passed) _checkProof(what, contentHash);
            }
        }
    }

    /// After any steps, and a sync of all, the root proves each active decoder and no other.
    function testFuzz_root_holds_exactly_the_active_set(uint256 seed) public {
        bytes32[6] memory hashes;
        for (uint256 i = 0; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            hashes[i] = _reach(State(1 + (seed % 9)));
        }
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _take(Step(1 + (seed % 6)), hashes[(seed >> 8) % 6]);
            if (seed & 0xF0000 == 0) vm.warp(block.timestamp + 7 days);
        }
        bytes32 proved;
        for (uint256 i = 0; i < 6; ++i) {
            _take(Step.Sync, hashes[i]);
            _checkProof("after sync", hashes[i]);
            if (decoders.isActive(hashes[i])) proved = hashes[i];
        }
        if (proved == 0) return;
        bytes32[] memory proof = decoders.proofOf(proved);
        _eq("wrong leaf", MerkleProof.verify(proof, decoders.activeRoot(), keccak256("other")), false);
    }

    function test_listing_records_what_was_signed() public {
        I.Decoder memory d = _decoder("file");
        I.Consent memory consent = _consent(d);
        vm.expectEmit();
        emit I.DecoderListed(d.contentHash, d.platform, author, 1, d);
        _eq("index", decoders.list(d, consent), 1);
        I.DecoderInfo memory info = decoders.decoderOf(d.contentHash);
        _eq("status", uint256(info.status), uint256(I.DecoderStatus.Listed));
        _eq("version", info.version, 7);
        _eq("size", info.sizeBytes, 12_345);
        _eq("author", info.author, author);
        _eq("payee", info.payee, OWNER);
        _eq("semantic", info.semanticHash, d.semanticHash);
        _eq("module", info.moduleHash, d.moduleHash);
        _eq("platform", info.platform, d.platform);
        _eq("indexOf", decoders.indexOf(d.contentHash), 1);
        _eq("count", decoders.decoderCount(), 1);
        _eq("epoch", decoders.activeEpoch(), 1);
        _eq("root of one", decoders.activeRoot(), decoders.leafOf(d.contentHash));
    }

    function testFuzz_every_field_is_under_consent(uint8 field, bytes32 change) public {
        vm.assume(change != 0);
        I.Decoder memory d = _decoder("file");
        I.Consent memory consent = _consent(d);
        field = field % 9;
        if (field == 0) d.contentHash ^= change;
        if (field == 1) d.semanticHash ^= change;
        if (field == 2) d.moduleHash ^= change;
        if (field == 3) d.platform ^= change;
        if (field == 4) d.version += 1;
        if (field == 5) d.sizeBytes += 1;
        if (field == 6) d.payee = STRANGER;
        if (field == 7) d.licence = "GPL-3.0-only";
        if (field == 8) d.id = "another/name";
        if (d.contentHash == 0 || d.semanticHash == 0 || d.moduleHash == 0 || d.platform == 0) return;
        vm.expectRevert(abi.encodeWithSelector(I.ConsentSignatureInvalid.selector, author));
        decoders.list(d, consent);
    }

    function test_consent_must_be_current_in_time_and_of_this_chain() public {
        I.Decoder memory d = _decoder("file");
        I.Consent memory consent = _consent(d);
        vm.warp(consent.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, consent.deadline, consent.deadline + 1));
        decoders.list(d, consent);
        vm.warp(START);
        uint256 chainId = block.chainid;
        vm.chainId(chainId + 1);
        vm.expectRevert(abi.encodeWithSelector(I.ConsentSignatureInvalid.selector, author));
        decoders.list(d, consent);
        vm.chainId(chainId);
        vm.prank(author);
        decoders.moveNonce();
        vm.expectRevert(abi.encodeWithSelector(I.NonceInvalid.selector, 0, 1));
        decoders.list(d, consent);
        decoders.list(d, _consent(d));
    }

    function test_attack_consent_with_high_s() public {
        I.Decoder memory d = _decoder("file");
        I.Consent memory consent = _consent(d);
        consent.signature = _signHighS(AUTHOR_KEY, decoders.hashConsent(d, consent.nonce, consent.deadline));
        vm.expectRevert(abi.encodeWithSelector(I.ConsentSignatureInvalid.selector, author));
        decoders.list(d, consent);
    }

    function test_the_consent_digest_is_what_the_standard_says() public view {
        I.Decoder memory d = _decoder("file");
        bytes memory head = abi.encode(
            keccak256(
                "ListingConsent(bytes32 contentHash,bytes32 semanticHash,bytes32 moduleHash,bytes32 platform,uint32 version,uint32 sizeBytes,address author,address payee,string licence,string id,uint256 nonce,uint256 deadline)"
            ),
            d.contentHash,
            d.semanticHash,
            d.moduleHash,
            d.platform,
            uint256(d.version),
            uint256(d.sizeBytes)
        );
        bytes memory tail = abi.encode(d.author, d.payee, keccak256(bytes(d.licence)), keccak256(bytes(d.id)), 3, 9);
        bytes32 expected = _typed("DIMO DecoderRegistry", address(decoders), keccak256(bytes.concat(head, tail)));
        _eq("consent", decoders.hashConsent(d, 3, 9), expected);
        I.Checkpoint memory c = I.Checkpoint({root: "root", epoch: 1, blockNumber: 2, issued: 3, expires: 4});
        bytes32 checkpointHash = keccak256(
            abi.encode(
                keccak256("Checkpoint(bytes32 root,uint64 epoch,uint64 blockNumber,uint64 issued,uint64 expires)"),
                c.root,
                c.epoch,
                c.blockNumber,
                c.issued,
                c.expires
            )
        );
        expected = _typed("DIMO DecoderRegistry", address(decoders), checkpointHash);
        _eq("checkpoint", decoders.hashCheckpoint(c), expected);
    }

    function test_incomplete_decoders() public {
        for (uint256 field = 0; field < 5; ++field) {
            I.Decoder memory d = _decoder("file");
            if (field == 0) d.contentHash = 0;
            if (field == 1) d.semanticHash = 0;
            if (field == 2) d.moduleHash = 0;
            if (field == 3) d.platform = 0;
            if (field == 4) d.payee = address(0);
            I.Consent memory consent = _consent(d);
            vm.expectRevert(abi.encodeWithSelector(I.DecoderIncomplete.selector, d.contentHash));
            decoders.list(d, consent);
        }
    }

    function test_a_successor_is_another_listed_decoder() public {
        bytes32 old = _reach(State.Listed);
        bytes32[3] memory unfit = [old, bytes32("unknown"), _reach(State.Revoked)];
        for (uint256 i = 0; i < unfit.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.SuccessorInvalid.selector, old, unfit[i]));
            decoders.deprecate(old, unfit[i], uint40(START + 1 days));
        }
        bytes32 next = _reach(State.Listed);
        vm.expectRevert(abi.encodeWithSelector(I.GraceInvalid.selector, START, START));
        decoders.deprecate(old, next, uint40(START));
        decoders.deprecate(old, next, uint40(START + 1 days));
        I.DecoderInfo memory info = decoders.decoderOf(old);
        _eq("successor", info.successor, next);
        _eq("grace", info.graceEnds, START + 1 days);
        _eq("still active", decoders.isActive(old), true);
    }

    function test_a_guardian_suspends_once_and_for_14_days_at_most() public {
        bytes32 contentHash = _reach(State.Listed);
        vm.expectRevert(abi.encodeWithSelector(I.SuspensionDurationInvalid.selector, 14 days + 1, 14 days));
        decoders.suspend(contentHash, 14 days + 1, "");
        vm.expectRevert(abi.encodeWithSelector(I.SuspensionDurationInvalid.selector, 0, 14 days));
        decoders.suspend(contentHash, 0, "");
        _eq("as it says itself", decoders.GUARDIAN_SUSPENSION_SECONDS_MAX(), 14 days);
        decoders.suspend(contentHash, 14 days, "");
        _eq("out", decoders.isActive(contentHash), false);
        _eq("out of the root", decoders.activeRoot(), bytes32(0));
        vm.warp(START + 14 days - 1);
        _eq("still out", decoders.isActive(contentHash), false);
        vm.warp(START + 14 days);
        _eq("in", decoders.isActive(contentHash), true);
        vm.prank(STRANGER);
        decoders.sync(contentHash);
        _eq("in the root", decoders.activeRoot(), decoders.leafOf(contentHash));
        vm.expectRevert(abi.encodeWithSelector(I.GuardianSuspensionUsed.selector, contentHash));
        decoders.suspend(contentHash, 1 days, "");
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyInSync.selector, contentHash));
        decoders.sync(contentHash);
    }

    function test_the_shortest_suspension_is_a_second() public {
        bytes32 contentHash = _reach(State.Listed);
        decoders.suspend(contentHash, 1, "");
        _eq("out", decoders.isActive(contentHash), false);
        vm.warp(START + 1);
        _eq("in", decoders.isActive(contentHash), true);
    }

    function test_revoking_what_is_suspended_leaves_the_root_and_its_epoch() public {
        bytes32 contentHash = _reach(State.Suspended);
        uint64 epoch = decoders.activeEpoch();
        decoders.revoke(contentHash, "");
        _eq("epoch", decoders.activeEpoch(), epoch);
    }

    /// A node of the tree is no leaf: 64 bytes are hashed for one, 32 for the other.
    function test_attack_second_preimage() public {
        bytes32 a = _reach(State.Listed);
        bytes32 b = _reach(State.Listed);
        bytes32 root = decoders.activeRoot();
        bytes32 naive = keccak256(abi.encode(decoders.leafOf(a), decoders.leafOf(b)));
        bytes32 swapped = keccak256(abi.encode(decoders.leafOf(b), decoders.leafOf(a)));
        _eq("the root is the naive hash of a pair", root == naive || root == swapped, true);
        bytes32 forged = keccak256(bytes.concat(keccak256(abi.encode(decoders.leafOf(a), decoders.leafOf(b)))));
        _eq("but not a leaf", forged == root, false);
    }

    function test_checkpoint_signers_are_distinct_and_enough() public {
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (address(1), address(2));
        decoders.setCheckpointSigners(signers, 2);
        (address[] memory stored, uint256 threshold) = decoders.checkpointSigners();
        _eq("signers", keccak256(abi.encode(stored)), keccak256(abi.encode(signers)));
        _eq("threshold", threshold, 2);
        bytes memory invalid = abi.encodeWithSelector(I.CheckpointSignersInvalid.selector, 2, 3);
        vm.expectRevert(invalid);
        decoders.setCheckpointSigners(signers, 3);
        (signers[0], signers[1]) = (address(2), address(2));
        vm.expectRevert(abi.encodeWithSelector(I.CheckpointSignersInvalid.selector, 2, 1));
        decoders.setCheckpointSigners(signers, 1);
        (signers[0], signers[1]) = (address(0), address(2));
        vm.expectRevert(abi.encodeWithSelector(I.CheckpointSignersInvalid.selector, 2, 1));
        decoders.setCheckpointSigners(signers, 1);
        vm.expectRevert(abi.encodeWithSelector(I.CheckpointSignersInvalid.selector, 0, 0));
        decoders.setCheckpointSigners(new address[](0), 0);
    }

    function test_restricted_calls_by_a_stranger() public {
        bytes32 contentHash = _reach(State.Listed);
        I.Decoder memory d = _decoder("another");
        bytes[8] memory calls = [
            abi.encodeCall(I.list, (d, _consent(d))),
            abi.encodeCall(I.deprecate, (contentHash, 0, uint40(START + 1))),
            abi.encodeCall(I.retire, (contentHash)),
            abi.encodeCall(I.suspend, (contentHash, 1, "")),
            abi.encodeCall(I.reinstate, (contentHash)),
            abi.encodeCall(I.revoke, (contentHash, "")),
            abi.encodeCall(I.setCheckpointSigners, (new address[](0), 0)),
            abi.encodeCall(decoders.upgradeToAndCall, (address(token), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(decoders).call(calls[i]);
            _eq(_digits(i), passed, false);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
            _eq(_digits(i), keccak256(reason), keccak256(expected));
        }
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        decoders.initialize(STRANGER);
    }

    function _checkProof(string memory what, bytes32 contentHash) private view {
        bool active = decoders.isActive(contentHash);
        (bool passed, bytes memory data) = address(decoders).staticcall(abi.encodeCall(I.proofOf, (contentHash)));
        _eq(what, passed, active);
        if (!active) return;
        bytes32[] memory proof = abi.decode(data, (bytes32[]));
        bytes32 leaf = _leafOf(contentHash, decoders.indexOf(contentHash));
        _eq(what, MerkleProof.verify(proof, decoders.activeRoot(), leaf), true);
    }

    function _reach(State state) private returns (bytes32 contentHash) {
        contentHash = keccak256(abi.encode("decoder", ++listed));
        if (state == State.None) return contentHash;
        _take(Step.List, contentHash);
        bool deprecated = state == State.Deprecated || state == State.GraceOver || state == State.Retired;
        if (deprecated || state == State.SuspendedDeprecated || state == State.SuspendedGraceOver) {
            _take(Step.Deprecate, contentHash);
        }
        if (state == State.Retired) _take(Step.Retire, contentHash);
        if (state == State.Revoked) _take(Step.Revoke, contentHash);
        if (state >= State.Suspended && state <= State.SuspendedGraceOver) _take(Step.Suspend, contentHash);
        if (state == State.SuspensionOver) vm.warp(block.timestamp + 7 days);
        if (state == State.GraceOver || state == State.SuspendedGraceOver) vm.warp(block.timestamp + 30 days);
    }

    function _take(Step step, bytes32 contentHash) private returns (bool passed) {
        bytes memory data = abi.encodeCall(I.sync, (contentHash));
        if (step == Step.List) {
            I.Decoder memory d = _decoder("file");
            d.contentHash = contentHash;
            data = abi.encodeCall(I.list, (d, _consent(d)));
        }
        if (step == Step.Deprecate) {
            data = abi.encodeCall(I.deprecate, (contentHash, 0, uint40(block.timestamp + 30 days)));
        }
        if (step == Step.Retire) data = abi.encodeCall(I.retire, (contentHash));
        if (step == Step.Suspend) data = abi.encodeCall(I.suspend, (contentHash, 7 days, "reason"));
        if (step == Step.Reinstate) data = abi.encodeCall(I.reinstate, (contentHash));
        if (step == Step.Revoke) data = abi.encodeCall(I.revoke, (contentHash, "reason"));
        (passed, ) = address(decoders).call(data);
    }

    function _letter(I.DecoderStatus status) private pure returns (bytes1) {
        return bytes("NLDTSR")[uint256(status)];
    }

    function _digits(uint256 value) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + value / 10)), bytes1(uint8(48 + (value % 10)))));
    }
}
