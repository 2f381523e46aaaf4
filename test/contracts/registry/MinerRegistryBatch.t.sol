// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Batches: one signature for a production line, one claim by each device; every way in which a batch ends.

import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

contract MinerRegistryBatchTest is EnrolmentBase {
    I.EnrolmentBatch private batch;
    bytes32[] private proof;
    bytes32[] private proofP256;
    address private secure;

    function setUp() public override {
        super.setUp();
        secure = _addrP256(P256_KEY);
        bytes32[][2] memory proofs;
        (batch, proofs) = _batchOfTwo(DEVICE_KEY, P256_KEY);
        (proof, proofP256) = (proofs[0], proofs[1]);
    }

    function test_anyone_posts_what_the_maker_signed() public {
        bytes32 batchId = _digest(batch);
        _eq("id", miners.batchIdOf(batch), batchId);
        _eq("before", miners.isPosted(batchId), false);
        bytes memory byMaker = _sign(MAKER_KEY, batchId);
        vm.expectEmit();
        emit I.BatchPosted(batchId, licence, batch);
        vm.prank(STRANGER);
        miners.postBatch(batch, byMaker);
        _eq("after", miners.isPosted(batchId), true);
        _eq("nobody enrolled yet", miners.fleetOf(licence), 0);
        vm.expectRevert(abi.encodeWithSelector(I.BatchAlreadyPosted.selector, batchId));
        miners.postBatch(batch, byMaker);
    }

    function test_devices_of_either_curve_enrol_from_it() public {
        _post(batch);
        vm.expectEmit();
        emit I.DeviceEnrolled(device, licence, OWNER, MODEL);
        _enrolFirst();
        I.BatchClaim memory c = _claim(1, secure);
        bytes memory byDevice = _signP256(P256_KEY, _digest(c, _digest(batch)));
        vm.warp(START + 3);
        vm.prank(STRANGER);
        miners.enrolFromBatch(batch, c, proofP256, byDevice);
        I.DeviceInfo memory info = miners.deviceInfo(secure);
        _eq("effective", info.effective, true);
        _eq("owner", info.owner, OWNER);
        _eq("model", info.modelId, MODEL);
        _eq("licence", info.manufacturerId, licence);
        _eq("enrolledAt", info.enrolledAt, START + 3);
        _eq("fleet", miners.fleetOf(licence), 2);
        (bytes32 x, ) = miners.keyOf(secure);
        _eq("key kept", x != 0, true);
    }

    function test_leaves_are_those_of_the_standard_tree() public view {
        _eq("leaf", miners.leafOf(batch, 0, device), _leaf(batch, 0, device));
        _eq("index", miners.leafOf(batch, 1, device) == _leaf(batch, 0, device), false);
    }

    function test_a_batch_that_nobody_posted_enrols_nobody() public {
        _refuse(_claim(0, device), abi.encodeWithSelector(I.BatchNotPosted.selector, _digest(batch)));
    }

    function test_only_the_licence_opens_a_batch() public {
        bytes memory byOther = _sign(OTHER_KEY, _digest(batch));
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker)));
        miners.postBatch(batch, byOther);
        batch.manufacturerId = 99;
        byOther = _sign(MAKER_KEY, _digest(batch));
        vm.expectRevert(abi.encodeWithSelector(I.LicenceNotActive.selector, 99, 0));
        miners.postBatch(batch, byOther);
    }

    /// Whatever differs from what was signed and posted is another batch, which nobody posted.
    function testFuzz_every_field_of_a_batch_is_signed(uint8 field, uint256 change) public {
        vm.assume(change != 0);
        bytes memory byMaker = _sign(MAKER_KEY, _digest(batch));
        miners.postBatch(batch, byMaker);
        I.EnrolmentBatch memory b = batch;
        field = field % 4;
        if (field == 0) b.modelId ^= bytes32(change);
        if (field == 1) b.root ^= bytes32(change);
        if (field == 2) b.count ^= change;
        if (field == 3) b.deadline += 1 + (change % 1 days);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker)));
        miners.postBatch(b, byMaker);
        I.BatchClaim memory c = _claim(0, device);
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(c, _digest(b)));
        vm.expectRevert(abi.encodeWithSelector(I.BatchNotPosted.selector, _digest(b)));
        miners.enrolFromBatch(b, c, proof, byDevice);
    }

    function test_a_leaf_works_once_and_never_after_retirement() public {
        _post(batch);
        _enrolFirst();
        _refuse(
            _claim(0, device),
            abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Active)
        );
        miners.retire(device, "");
        _refuse(
            _claim(0, device),
            abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Retired)
        );
        _eq("fleet", miners.fleetOf(licence), 0);
    }

    function test_a_device_enrolled_singly_does_not_enrol_again_from_a_batch() public {
        _enrol(_enrolment());
        _post(batch);
        _refuse(
            _claim(0, device),
            abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Active)
        );
    }

    function test_the_cap_counts_when_a_device_enrols() public {
        manufacturers.setDeviceCap(licence, 1);
        _post(batch);
        _enrolFirst();
        I.BatchClaim memory c = _claim(1, secure);
        bytes memory byDevice = _signP256(P256_KEY, _digest(c, _digest(batch)));
        vm.expectRevert(abi.encodeWithSelector(I.DeviceCapReached.selector, licence, 1));
        miners.enrolFromBatch(batch, c, proofP256, byDevice);
        manufacturers.setDeviceCap(licence, 2);
        miners.enrolFromBatch(batch, c, proofP256, byDevice);
    }

    function test_moving_the_nonce_voids_what_is_left_of_a_batch() public {
        _post(batch);
        I.BatchClaim memory c = _claim(1, secure);
        miners.enrolFromBatch(batch, c, proofP256, _signP256(P256_KEY, _digest(c, _digest(batch))));
        vm.prank(maker);
        miners.moveNonce(licence);
        _refuse(_claim(0, device), abi.encodeWithSelector(I.NonceInvalid.selector, 0, 1));
        _eq("what was used stays", uint256(_status(secure)), uint256(I.DeviceStatus.Active));
        bytes memory byMaker = _sign(MAKER_KEY, _digest(batch));
        vm.expectRevert(abi.encodeWithSelector(I.NonceInvalid.selector, 0, 1));
        miners.postBatch(batch, byMaker);
    }

    function test_a_licence_that_is_not_active_stops_its_batches() public {
        bytes32 batchId = _post(batch);
        manufacturers.suspend(licence, "");
        _refuse(_claim(0, device), abi.encodeWithSelector(I.LicenceNotActive.selector, licence, 3));
        (I.EnrolmentBatch memory another, ) = _batchOfTwo(7, 8);
        bytes memory byMaker = _sign(MAKER_KEY, _digest(another));
        vm.expectRevert(abi.encodeWithSelector(I.LicenceNotActive.selector, licence, 3));
        miners.postBatch(another, byMaker);
        manufacturers.reinstate(licence);
        _eq("posted", miners.isPosted(batchId), true);
        _enrolFirst();
    }

    function test_a_batch_ends_when_its_signer_is_replaced_until_the_new_one_signs() public {
        bytes32 batchId = _post(batch);
        bytes memory other = abi.encodePacked(vm.addr(OTHER_KEY));
        vm.prank(maker);
        manufacturers.setAttestationSigner(licence, other);
        _refuse(_claim(0, device), abi.encodeWithSelector(I.BatchSignerReplaced.selector, batchId, other));
        miners.postBatch(batch, _sign(OTHER_KEY, batchId));
        _enrolFirst();
    }

    function test_a_batch_and_a_claim_end_with_their_deadlines() public {
        uint256 deadline = batch.deadline;
        bytes memory byMaker = _sign(MAKER_KEY, _digest(batch));
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, deadline, deadline + 1));
        miners.postBatch(batch, byMaker);
        vm.warp(deadline);
        miners.postBatch(batch, byMaker);
        I.BatchClaim memory c = _claim(0, device);
        _refuse(c, abi.encodeWithSelector(I.DeadlinePassed.selector, c.deadline, deadline));
        c.deadline = deadline - 1;
        _refuse(c, abi.encodeWithSelector(I.DeadlinePassed.selector, deadline - 1, deadline));
        c.deadline = deadline;
        vm.warp(deadline + 1);
        _refuse(c, abi.encodeWithSelector(I.DeadlinePassed.selector, deadline, deadline + 1));
        c.deadline = deadline + 2;
        _refuse(c, abi.encodeWithSelector(I.DeadlinePassed.selector, deadline, deadline + 1));
        vm.warp(deadline);
        _claimFirst(c);
    }

    function test_a_claim_needs_an_owner() public {
        _post(batch);
        I.BatchClaim memory c = _claim(0, device);
        c.owner = address(0);
        _refuse(c, abi.encodeWithSelector(I.OwnerInvalid.selector, address(0)));
    }

    function test_leaves_beyond_the_count_do_not_enrol() public {
        batch.count = 1;
        bytes32 batchId = _post(batch);
        I.BatchClaim memory c = _claim(1, secure);
        bytes memory byDevice = _signP256(P256_KEY, _digest(c, batchId));
        vm.expectRevert(abi.encodeWithSelector(I.LeafIndexInvalid.selector, 1, 1));
        miners.enrolFromBatch(batch, c, proofP256, byDevice);
        _enrolFirst();
    }

    function test_a_device_at_another_index_or_in_another_batch_is_refused() public {
        bytes32 batchId = _post(batch);
        _refuse(_claim(1, device), abi.encodeWithSelector(I.ProofInvalid.selector, batchId, _leaf(batch, 1, device)));
        I.BatchClaim memory c = _claim(0, vm.addr(OTHER_KEY));
        bytes memory byOther = _sign(OTHER_KEY, _digest(c, batchId));
        vm.expectRevert(abi.encodeWithSelector(I.ProofInvalid.selector, batchId, _leaf(batch, 0, c.device)));
        miners.enrolFromBatch(batch, c, proof, byOther);
        // A proof that is too short or too long.
        bytes32 leaf = _leaf(batch, 0, device);
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(_claim(0, device), batchId));
        vm.expectRevert(abi.encodeWithSelector(I.ProofInvalid.selector, batchId, leaf));
        miners.enrolFromBatch(batch, _claim(0, device), new bytes32[](0), byDevice);
        proof.push(bytes32(0));
        _refuse(_claim(0, device), abi.encodeWithSelector(I.ProofInvalid.selector, batchId, leaf));
    }

    function test_a_batch_of_one_needs_no_proof() public {
        batch = _terms(1);
        batch.root = _leaf(batch, 0, device);
        _post(batch);
        delete proof;
        _enrolFirst();
    }

    function test_a_device_signs_for_its_own_claim_to_this_batch() public {
        bytes32 batchId = _post(batch);
        I.BatchClaim memory c = _claim(0, device);
        bytes memory elsewhere = _sign(DEVICE_KEY, _digest(c, keccak256("another batch")));
        (bool passed, bytes memory reason) = address(miners).call(
            abi.encodeCall(I.enrolFromBatch, (batch, c, proof, elsewhere))
        );
        _eq("passed", passed, false);
        _eq("reason", bytes32(bytes4(reason)), bytes32(I.DeviceSignatureInvalid.selector));
        bytes memory byOther = _sign(OTHER_KEY, _digest(c, batchId));
        vm.expectRevert(abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, device, vm.addr(OTHER_KEY)));
        miners.enrolFromBatch(batch, c, proof, byOther);
    }

    /// Devices of a tree of any shape, each at its place.
    function testFuzz_each_device_of_a_tree_enrols(uint256 seed, uint8 size, uint8 pick) public {
        uint256 count = 1 + (size % 9);
        uint256 index = pick % count;
        I.EnrolmentBatch memory b = _terms(count);
        uint256 key = 1 + (uint256(keccak256(abi.encode(seed, index))) % (ORDER - 1));
        bytes32[] memory row = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            address member = i == index ? vm.addr(key) : address(uint160(uint256(keccak256(abi.encode(seed, i)))));
            row[i] = _leaf(b, i, member);
        }
        bytes32[] memory path = new bytes32[](8);
        uint256 depth = 0;
        uint256 position = index;
        // Level by level; an odd one out goes up alone.
        while (row.length > 1) {
            if (position ^ 1 < row.length) path[depth++] = row[position ^ 1];
            bytes32[] memory next = new bytes32[]((row.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                next[i] = 2 * i + 1 < row.length ? _pairHash(row[2 * i], row[2 * i + 1]) : row[2 * i];
            }
            (row, position) = (next, position / 2);
        }
        assembly {
            mstore(path, depth)
        }
        b.root = row[0];
        bytes32 batchId = _post(b);
        I.BatchClaim memory c = _claim(index, vm.addr(key));
        miners.enrolFromBatch(b, c, path, _sign(key, _digest(c, batchId)));
        _eq("status", uint256(_status(c.device)), uint256(I.DeviceStatus.Active));
    }

    function _enrolFirst() private {
        _claimFirst(_claim(0, device));
    }

    function _claimFirst(I.BatchClaim memory c) private {
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(c, _digest(batch)));
        miners.enrolFromBatch(batch, c, proof, byDevice);
    }

    function _refuse(I.BatchClaim memory c, bytes memory reason) private {
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(c, _digest(batch)));
        vm.expectRevert(reason);
        miners.enrolFromBatch(batch, c, proof, byDevice);
    }
}
